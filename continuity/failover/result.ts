import type { FinishedJob } from "../kubernetes-jobs.ts";
import type { VerifiedPoint } from "./checks.ts";
import type { FenceReport } from "./fence.ts";
import type { UnappliedPointsReport } from "./unapplied-points.ts";
import type { StepRecord } from "./steps.ts";

export interface FailoverResult {
  /** Milliseconds since 1970, UTC, like all times here. */
  startedAt: number;
  endedAt: number;
  steps: StepRecord[];
  /** Time at which each service was first up in its active role. */
  servicesUp: Record<string, number>;
  trafficSwitchedAt: number;
  /** Time at which the public name was verified to be served by this site. */
  verifiedAt: number;
  /** Recovery point to which the database was restored. */
  recoveryPoint: VerifiedPoint;
  promotion: FinishedJob;
  /** Recovery points that the promotion did not apply; undefined: the database had already been promoted. */
  leftBehind: UnappliedPointsReport | undefined;
  /** Fencing of the other site, if the failover was forced. */
  fence?: FenceReport | undefined;
  /** What is incomplete although traffic was switched: the update's error, services that are not up. */
  incomplete: string[];
  warnings: string[];
  /** Key of the evidence in the site's recovery-point bucket; undefined: it could not be stored. */
  evidence?: string;
}
