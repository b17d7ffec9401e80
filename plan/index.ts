/**
 * The continuity plan: loading, checks and arithmetic.
 * @module
 */
export {
  allowedDowntimeSeconds,
  availabilityInSeriesPercent,
  performanceLevel,
  planAllowedDowntime,
  windowSeconds,
  type AllowedDowntime,
  type PerformanceLevel,
} from "./availability.ts";
export { check, finding, placed, type Check } from "./checks/check.ts";
export { nextReview, type Review } from "./calendar.ts";
export { daySeconds, formatSeconds, longestMonthSeconds, type Duration } from "./duration.ts";
export { loadPlan, parsePlan } from "./load.ts";
export { openPoints, type OpenPoint } from "./open-points.ts";
export { describeProblem, PlanError, problem, shown, type Problem, type Refusal } from "./problems.ts";
export {
  planWorstCaseLoss,
  strictestRpoSeconds,
  worstCaseLossSeconds,
  type Loss,
  type LossParts,
  type MeasuredExports,
  type PlanLoss,
} from "./rpo.ts";
export {
  planRecoveryTimes,
  recoverySeconds,
  trafficSwitchSeconds,
  type MeasuredRecovery,
  type RecoveryParts,
  type TierRecovery,
} from "./rto.ts";
export {
  gapsBetweenRuns,
  nextRun,
  nextRuns,
  previousRun,
  previousRuns,
  type Gaps,
  type Timetable,
} from "./schedule.ts";
export { scheduleRefusal, timeZoneRefusal } from "./schedule-rules.ts";
export { entryServiceOf, tierOfTheData } from "./services.ts";
export { fullRecoveryDueSeconds, severityOf, type Observation } from "./severity.ts";
export type * from "./schema/plan.ts";
