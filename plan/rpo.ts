/** Worst-case data loss. Unknown terms make the result infinite, so that no comparison with an RPO passes. */
import type { JobSchedule, Plan } from "./schema/plan.ts";
import { gapsBetweenRuns } from "./schedule.ts";

/** Terms of the worst-case loss of one kind of export. */
export interface LossParts {
  /** Longest interval between two runs. */
  readonly intervalSeconds?: number | undefined;
  /** Longest delay of a run's start. */
  readonly startDelaySeconds?: number | undefined;
  /** Longest run time. */
  readonly runSeconds?: number | undefined;
  /** Longest replication time to the other region. */
  readonly replicationSeconds?: number | undefined;
}

export type Loss = Required<LossParts> & { readonly seconds: number };

/** Sum of the parts; infinite if one is missing, negative or not a number. */
export function worstCaseLossSeconds(parts: LossParts): number {
  const { intervalSeconds, startDelaySeconds, runSeconds, replicationSeconds } = parts;
  return sumOrInfinity([intervalSeconds, startDelaySeconds, runSeconds, replicationSeconds]);
}

/** Sum of the terms; infinite if any is unknown. */
export function sumOrInfinity(terms: readonly (number | undefined)[]): number {
  const known = terms.every((term) => typeof term === "number" && term >= 0);
  return known ? terms.reduce<number>((sum, term) => sum + (term ?? 0), 0) : Number.POSITIVE_INFINITY;
}

/** Measured figures; each replaces the plan's bound. */
export interface MeasuredExports {
  readonly fullRunSeconds?: number;
  readonly changeRunSeconds?: number;
  readonly startDelaySeconds?: number;
  readonly replicationSeconds?: number;
}

export interface PlanLoss {
  /** Worst-case loss of a table without a changefeed, which only full exports contain. */
  readonly fullExportsOnly: Loss;
  /** Worst-case loss of a table with a changefeed. */
  readonly withChangeExports: Loss;
  /** The strictest objective of the plan. */
  readonly rpoSeconds: number;
  /** Whether tables with a changefeed keep the objective. */
  readonly met: boolean;
}

/** Worst-case loss with the plan's schedules, or with measured figures where given. */
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

/** Sections that contain recovery point objectives. */
type Promises = Pick<Plan, "recovery" | "tiers" | "severities">;

/**
 * The strictest recovery point objective: of the whole service, a tier or a severity level. One database serves all of
 * them, so everything is measured against it.
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
