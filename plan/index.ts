/** The continuity plan, its checks and its arithmetic. */
export { formatSeconds, type Duration } from "./duration.ts";
export { loadPlan, parsePlan } from "./load.ts";
export { PlanError, type PlanProblem } from "./problems.ts";
export type * from "./schema/plan.ts";
