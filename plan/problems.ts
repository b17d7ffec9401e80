/**
 * Problem type and formatting shared by plan, configuration, arguments, options and environment variables. Defined here
 * because `plan` imports nothing of the project; everything else imports it from `contract`.
 */

/** An invalid value: location, value, violated rule and remedy. */
export interface Problem {
  /**
   * Argument, key, option, variable or path in a file, e.g. `tierReplicas.2` or `tiers[0].rto`; empty for a whole file.
   */
  readonly where: string;
  /** The value as formatted by `shown`. */
  readonly value: string;
  /** The rule, e.g. `must be a whole number of days, 1 or more`. */
  readonly rule: string;
  /** The remedy, e.g. `raise the retention`. */
  readonly remedy: string;
  /** Line in the file, starting at 1. Omit: not in a file, or unknown. */
  readonly line?: number | undefined;
}

/** A problem with a value of any type. */
export const problem = (where: string, value: unknown, rule: string, remedy: string): Problem => ({
  where,
  value: shown(value),
  rule,
  remedy,
});

/** Formats a problem as one line. */
export function describeProblem({ where, value, rule, remedy, line }: Problem): string {
  const place = [line === undefined ? "" : `line ${line}`, where].filter((part) => part !== "").join(", ");
  return `${place === "" ? `${value}:` : `${place} is ${value}, but`} ${rule}; ${remedy}`;
}

/** Formats any value on one short line; never throws. */
export function shown(value: unknown): string {
  if (value === undefined) return "missing";
  if (typeof value === "number") return String(value);
  try {
    const json = JSON.stringify(value) ?? String(value);
    return json.length > 80 ? `${json.slice(0, 77)}...` : json;
  } catch {
    return "a value that refers to itself";
  }
}

/** A violated rule and its remedy. */
export interface Refusal {
  readonly rule: string;
  readonly remedy: string;
}

/** A violated rule and its location; the value is looked up. */
export interface Finding extends Refusal {
  readonly path: readonly PropertyKey[];
}

/** The plan is invalid; `problems` is not empty. */
export class PlanError extends Error {
  readonly source: string;
  readonly problems: readonly Problem[];

  constructor(source: string, problems: readonly Problem[]) {
    super(messageOf(source, problems));
    this.name = "PlanError";
    this.source = source;
    this.problems = problems;
  }
}

function messageOf(source: string, problems: readonly Problem[]): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return [`${source}: ${count}`, ...problems.map((problem) => `  ${describeProblem(problem)}`)].join("\n");
}

/** Formats a path, e.g. `tiers[0].services[2].id`. */
export function pathOf(segments: readonly PropertyKey[]): string {
  return segments
    .map((segment, index) =>
      typeof segment === "number" ? `[${segment}]` : `${index > 0 ? "." : ""}${String(segment)}`,
    )
    .join("");
}
