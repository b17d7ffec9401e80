/** Wrong arguments of a component, all at once and before anything is created. */
import * as pulumi from "@pulumi/pulumi";
import { describeProblem, problem, type Problem } from "../../contract/index.ts";

export { problem, type Problem } from "../../contract/index.ts";

/** Throws one error that holds every problem; returns when there is none. */
export function refuse(resource: pulumi.Resource, title: string, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const lines = problems.map((found) => `  ${describeProblem(found)}`);
  // Without a stack trace, which would point into this library; the message names what the caller has to change.
  throw new pulumi.ResourceError(`${title}: ${problems.length} problem(s)\n${lines.join("\n")}`, resource, true);
}

/** A problem unless the value is a whole number of at least `minimum`. */
export function wholeNumber(where: string, value: number, minimum: number, unit: string): Problem[] {
  if (Number.isInteger(value) && value >= minimum) return [];
  return [problem(where, value, `must be a whole number of ${unit}, ${minimum} or more`, `give ${minimum} or more`)];
}
