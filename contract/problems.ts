/** The one shape of a problem; the plan holds it, as it imports nothing. */
export { describeProblem, problem, shown, type Problem, type Refusal } from "../plan/index.ts";
