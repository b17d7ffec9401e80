/** Recovery time per tier. Unknown terms make the result infinite, so that no comparison with an RTO passes. */
import type { Plan } from "./schema/plan.ts";
import { sumOrInfinity } from "./rpo.ts";
import { tierOfTheData } from "./services.ts";

/** Terms of the recovery time of one tier. */
export interface RecoveryParts {
  readonly detectionSeconds?: number | undefined;
  readonly decisionSeconds?: number | undefined;
  readonly restoreSeconds?: number | undefined;
  /** Start of this tier and the tiers before it. */
  readonly startSeconds?: number | undefined;
  readonly trafficSwitchSeconds?: number | undefined;
  /** Verification of this tier and the tiers before it. */
  readonly verificationSeconds?: number | undefined;
}

export interface TierRecovery {
  readonly tier: number;
  readonly parts: Required<RecoveryParts>;
  readonly seconds: number;
  readonly rtoSeconds: number;
  readonly met: boolean;
}

/** Figures measured by a drill; each replaces the plan's estimate. */
export interface MeasuredRecovery {
  readonly detectionSeconds?: number;
  readonly decisionSeconds?: number;
  readonly restoreSeconds?: number;
  readonly trafficSwitchSeconds?: number;
  /** By tier number. */
  readonly startSeconds?: Readonly<Record<number, number>>;
  readonly verificationSeconds?: Readonly<Record<number, number>>;
}

/** Sum of the parts; infinite if one is missing, negative or not a number. */
export function recoverySeconds(parts: RecoveryParts): number {
  return sumOrInfinity([
    parts.detectionSeconds,
    parts.decisionSeconds,
    parts.restoreSeconds,
    parts.startSeconds,
    parts.trafficSwitchSeconds,
    parts.verificationSeconds,
  ]);
}

/** Longest time from switching traffic until users reach the other site. */
export function trafficSwitchSeconds({ dnsTtl, switchEvaluation, healthCheck }: Plan["traffic"]): number {
  return switchEvaluation.seconds + healthCheck.interval.seconds * healthCheck.failureThreshold + dnsTtl.seconds;
}

/** Expected recovery time of each tier, most critical first; tiers start sequentially. */
export function planRecoveryTimes(
  plan: Pick<Plan, "recovery" | "tiers" | "traffic">,
  measured: MeasuredRecovery = {},
): TierRecovery[] {
  const { expected } = plan.recovery;
  const tiers = plan.tiers.toSorted((a, b) => a.tier - b.tier);
  const common = {
    detectionSeconds: measured.detectionSeconds ?? expected.detection.seconds,
    decisionSeconds: measured.decisionSeconds ?? expected.decision.seconds,
    restoreSeconds: measured.restoreSeconds ?? restoreEstimate(plan),
    trafficSwitchSeconds: measured.trafficSwitchSeconds ?? trafficSwitchSeconds(plan.traffic),
  };
  let [startSeconds, verificationSeconds] = [0, 0];
  return tiers.map(({ tier, standby, rto }) => {
    startSeconds += measured.startSeconds?.[tier] ?? expected.modes[standby].start.seconds;
    verificationSeconds += measured.verificationSeconds?.[tier] ?? expected.modes[standby].verification.seconds;
    const parts = { ...common, startSeconds, verificationSeconds };
    const seconds = recoverySeconds(parts);
    return { tier, parts, seconds, rtoSeconds: rto.seconds, met: seconds <= rto.seconds };
  });
}

/** The restore time follows from the standby mode of the tier that holds the data; infinite if there is none. */
function restoreEstimate({ recovery, tiers }: Pick<Plan, "recovery" | "tiers">): number {
  const home = tierOfTheData({ tiers });
  return home ? recovery.expected.modes[home.standby].restore.seconds : Number.POSITIVE_INFINITY;
}
