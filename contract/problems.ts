/** The common problem format, defined in the plan, which imports nothing. Not through the plan's index, so that `--help` loads no plan. */
export { cut } from "../plan/cut.ts";
export { describeProblem, problem, shown, type Problem, type Refusal } from "../plan/problems.ts";
