/** Validates the arguments of components; reports all problems at once, before any child is created. */
import * as pulumi from "@pulumi/pulumi";
import { describeProblem, problem, type Problem } from "../../contract/index.ts";

export { problem, type Problem } from "../../contract/index.ts";

/** Throws one error that lists every problem; returns if there is none. */
export function refuse(resource: pulumi.Resource, title: string, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const lines = problems.map((found) => `  ${describeProblem(found)}`);
  // No stack trace: it would point into this library, while the message names the argument to correct.
  throw new pulumi.ResourceError(`${title}: ${problems.length} problem(s)\n${lines.join("\n")}`, resource, true);
}

/** A problem unless the value is a whole number of at least `minimum`. */
export function wholeNumber(where: string, value: number, minimum: number, unit: string): Problem[] {
  if (Number.isInteger(value) && value >= minimum) return [];
  return [problem(where, value, `must be a whole number of ${unit}, ${minimum} or more`, `give ${minimum} or more`)];
}
