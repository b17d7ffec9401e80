import { cut, describeProblem, type Problem } from "../contract/problems.ts";

export { describeProblem, type Problem } from "../contract/problems.ts";

/** The command could not run: exit status 2, nothing was changed. Carries all problems at once. */
export class CannotRun extends Error {
  readonly problems: readonly string[];

  constructor(what: string, problems: readonly (Problem | string)[] = []) {
    const lines = problems.map((p) => (typeof p === "string" ? p : describeProblem(p)));
    super(lines.length === 0 ? what : `${what}\n${lines.map((line) => `  - ${line}`).join("\n")}`);
    this.name = "CannotRun";
    this.problems = lines;
  }
}

export const exitStatus = { met: 0, missed: 1, couldNotRun: 2 } as const;

/** The first line of an error, cut: parsers quote what they could not read, at any length. */
export const shortReason = (error: unknown): string => cut(messageOf(error));

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
