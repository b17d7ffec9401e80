/** Time limits of a site's jobs, derived from the plan. */
import {
  tierOfTheData,
  planRecoveryTimes,
  planWorstCaseLoss,
  strictestRpoSeconds,
  type Plan,
  type TierRecovery,
} from "../../plan/index.ts";

/**
 * Time limit of the last catch-up of a failover, in seconds: the RTO of the tier that holds the data, less the expected
 * duration of all other steps.
 */
export function promoteLimitSeconds(plan: Plan): number {
  const time = recoveryOfTheData(plan);
  if (time === undefined) return 0;
  const { restoreSeconds = 0 } = time.parts;
  return Math.floor(time.rtoSeconds - (time.seconds - restoreSeconds));
}

/** Longest period of writes, in seconds, that a disaster can lose for data that only full exports contain. */
export const longestLossSeconds = (plan: Plan): number => planWorstCaseLoss(plan).fullExportsOnly.seconds;

const recoveryOfTheData = (plan: Plan): TierRecovery | undefined =>
  planRecoveryTimes(plan).find(({ tier }) => tier === tierOfTheData(plan)?.tier);

/**
 * Seconds within which the standby must verify an arrived recovery point: the plan's expected restore time, since a
 * failover relies on a standby that is no further behind, plus one poll interval.
 */
export const importSeconds = (plan: Plan): number =>
  (recoveryOfTheData(plan)?.parts.restoreSeconds ?? Number.NaN) + plan.backups.standbySync.pollInterval.seconds;

/** Highest age of the newest verified recovery point, in seconds, if every run is on time; at most the RPO. */
export function expectedAgeSeconds(plan: Plan): number {
  const standby = plan.backups.standbySync.pollInterval.seconds;
  return Math.min(strictestRpoSeconds(plan), planWorstCaseLoss(plan).withChangeExports.seconds + standby);
}
