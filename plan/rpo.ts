/**
 * How much of the newest data a disaster can cost at most. What is not known
 * makes the answer infinite, so that no comparison with an RPO lets it pass.
 */
import type { JobSchedule, Plan } from "./schema/plan.ts";
import { gapsBetweenRuns } from "./schedule.ts";

/** What adds up to the loss of exports of one kind. */
export interface LossParts {
  /** Longest time between two runs. */
  readonly intervalSeconds?: number | undefined;
  /** How late a run may start. */
  readonly startDelaySeconds?: number | undefined;
  /** How long a run may take. */
  readonly runSeconds?: number | undefined;
  /** How long the copy to the other region may take. */
  readonly replicationSeconds?: number | undefined;
}

export type Loss = Required<LossParts> & { readonly seconds: number };

/** The sum of the parts; infinite when one is missing, negative or no number. */
export function worstCaseLossSeconds(parts: LossParts): number {
  const { intervalSeconds, startDelaySeconds, runSeconds, replicationSeconds } = parts;
  return sumOrInfinity([intervalSeconds, startDelaySeconds, runSeconds, replicationSeconds]);
}

/** Adds what is known; anything else makes the sum infinite. */
export function sumOrInfinity(terms: readonly (number | undefined)[]): number {
  const known = terms.every((term) => typeof term === "number" && term >= 0);
  return known ? terms.reduce<number>((sum, term) => sum + (term ?? 0), 0) : Number.POSITIVE_INFINITY;
}

/** Figures that a run has measured; each takes the place of the plan's bound. */
export interface MeasuredExports {
  readonly fullRunSeconds?: number;
  readonly changeRunSeconds?: number;
  readonly startDelaySeconds?: number;
  readonly replicationSeconds?: number;
}

export interface PlanLoss {
  /** What a table without a changefeed can lose: only full exports hold it. */
  readonly fullExportsOnly: Loss;
  /** What a table with a changefeed can lose. */
  readonly withChangeExports: Loss;
  /** The strictest objective of the plan. */
  readonly rpoSeconds: number;
  /** True when tables with a changefeed keep within the objective. */
  readonly met: boolean;
}

/** What a disaster can cost with the schedules of the plan, and with measured figures where there are some. */
export function planWorstCaseLoss(
  plan: Pick<Plan, "backups" | "recovery" | "tiers" | "severities">,
  measured: MeasuredExports = {},
): PlanLoss {
  const { backups } = plan;
  const fullExportsOnly = lossOf(backups.fullExport, backups, measured, measured.fullRunSeconds);
  const changes = lossOf(backups.changeExport, backups, measured, measured.changeRunSeconds);
  const withChangeExports = changes.seconds <= fullExportsOnly.seconds ? changes : fullExportsOnly;
  const rpoSeconds = strictestRpoSeconds(plan);
  return { fullExportsOnly, withChangeExports, rpoSeconds, met: withChangeExports.seconds <= rpoSeconds };
}

/** What the smallest loss is promised in. */
type Promises = Pick<Plan, "recovery" | "tiers" | "severities">;

/**
 * The smallest loss that the plan promises anywhere: to the whole service, to a tier or at a severity level. One
 * database serves all of them, so this is the objective that everything is measured by.
 */
export function strictestRpoSeconds({ recovery, tiers, severities }: Promises): number {
  const promised = [...tiers, ...severities].flatMap(({ rpo }) => (rpo === undefined ? [] : [rpo.seconds]));
  return Math.min(recovery.rpo.seconds, ...promised);
}

function lossOf(job: JobSchedule, backups: Plan["backups"], measured: MeasuredExports, runSeconds?: number): Loss {
  const parts = {
    intervalSeconds: gapsBetweenRuns(job)?.longestSeconds ?? Number.POSITIVE_INFINITY,
    startDelaySeconds: measured.startDelaySeconds ?? job.startDeadline.seconds,
    runSeconds: runSeconds ?? job.runTimeLimit.seconds,
    replicationSeconds: measured.replicationSeconds ?? backups.replicationBound.seconds,
  };
  return { ...parts, seconds: worstCaseLossSeconds(parts) };
}
