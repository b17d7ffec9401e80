/** The one shape of a problem; the plan holds it, as it imports nothing. Not by the plan's index: `--help` reads no plan. */
export { cut } from "../plan/cut.ts";
export { describeProblem, problem, shown, type Problem, type Refusal } from "../plan/problems.ts";
