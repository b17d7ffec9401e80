/**
 * Bad arguments are told all at once, before anything is created, each with
 * what, where, the value got, the rule and the remedy.
 */
import * as pulumi from "@pulumi/pulumi";

export interface Problem {
  /** Argument, as a caller writes it: `retentionDays`, `tierReplicas.2`. */
  argument: string;
  /** What was given; undefined where it is missing. */
  value: unknown;
  /** What must hold, e.g. "must be a whole number of days, 1 or more". */
  rule: string;
  /** What to do, e.g. "raise the retention". */
  remedy: string;
}

/** One line for one problem. */
export const describeProblem = ({ argument, value, rule, remedy }: Problem): string =>
  `${argument} is ${value === undefined ? "missing" : JSON.stringify(value)}: ${rule}; ${remedy}`;

/** Throws one error that holds every problem; returns when there is none. */
export function refuse(resource: pulumi.Resource, title: string, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const lines = problems.map((problem) => `  ${describeProblem(problem)}`);
  // The stack trace points into this library; the message already says where the caller has to look.
  throw new pulumi.ResourceError(`${title}: ${problems.length} problem(s)\n${lines.join("\n")}`, resource, true);
}

/** A problem unless the value is a whole number of at least `minimum`. */
export function wholeNumber(argument: string, value: number, minimum: number, unit: string): Problem[] {
  if (Number.isInteger(value) && value >= minimum) return [];
  const rule = `must be a whole number of ${unit}, ${minimum} or more`;
  return [{ argument, value, rule, remedy: `give ${minimum} or more` }];
}
