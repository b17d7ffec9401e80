/** Limits of a site's jobs that follow from the plan's promises. */
import {
  tierOfTheData,
  planRecoveryTimes,
  planWorstCaseLoss,
  strictestRpoSeconds,
  type Plan,
  type TierRecovery,
} from "../../plan/index.ts";

/**
 * How long the last catch-up of a failover may take: what the recovery time of the tier that holds the data leaves
 * after everything else that the plan expects.
 */
export function promoteLimitSeconds(plan: Plan): number {
  const time = recoveryOfTheData(plan);
  if (time === undefined) return 0;
  const { restoreSeconds = 0 } = time.parts;
  return Math.floor(time.rtoSeconds - (time.seconds - restoreSeconds));
}

/** Seconds of writing that a disaster can cost where only full exports hold it: how far sequences move on. */
export const longestLossSeconds = (plan: Plan): number => planWorstCaseLoss(plan).fullExportsOnly.seconds;

const recoveryOfTheData = (plan: Plan): TierRecovery | undefined =>
  planRecoveryTimes(plan).find(({ tier }) => tier === tierOfTheData(plan)?.tier);

/**
 * Within which time the standby must have verified a point that arrived: what the plan expects of a restore, since a
 * failover counts on a standby that is no further behind.
 */
export const importSeconds = (plan: Plan): number =>
  (recoveryOfTheData(plan)?.parts.restoreSeconds ?? Number.NaN) + plan.backups.standbySync.pollInterval.seconds;

/** How old the newest verified recovery point may get while every schedule is kept; never more than the objective. */
export function expectedAgeSeconds(plan: Plan): number {
  const standby = plan.backups.standbySync.pollInterval.seconds;
  return Math.min(strictestRpoSeconds(plan), planWorstCaseLoss(plan).withChangeExports.seconds + standby);
}
