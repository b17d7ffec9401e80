import type { FinishedJob } from "../kubernetes-jobs.ts";
import type { VerifiedPoint } from "./checks.ts";
import type { FenceReport } from "./fence.ts";
import type { LeftBehindReport } from "./left-behind.ts";
import type { StepRecord } from "./steps.ts";

export interface FailoverResult {
  /** Milliseconds since 1970, UTC, like every time here. */
  startedAt: number;
  endedAt: number;
  steps: StepRecord[];
  /** When each service of the plan was first up in its active role. */
  servicesUp: Record<string, number>;
  trafficSwitchedAt: number;
  /** When the public name was proved to be served by this site. */
  verifiedAt: number;
  /** The recovery point that the database was restored to. */
  recoveryPoint: VerifiedPoint;
  promotion: FinishedJob;
  /** What the promotion could not take along; undefined: the database had been promoted before. */
  leftBehind: LeftBehindReport | undefined;
  /** What was done against the other site, where the switch was forced. */
  fence?: FenceReport | undefined;
  /** What is not as it should be although traffic was moved: the update's error, services that did not come up. */
  incomplete: string[];
  warnings: string[];
  /** Key of the evidence object in the site's recovery-point bucket; undefined where it could not be kept. */
  evidence?: string;
}
