/**
 * The one shape of a problem and the one writer of its line, for plan, configuration, arguments, options and variables
 * alike. It is here because the plan imports nothing of the project; everything else takes it from `contract`.
 */

/** One wrong value: where, what was found, which rule it breaks and what to do. */
export interface Problem {
  /**
   * Argument, key, option, variable or path in a file, e.g. `tierReplicas.2` or `tiers[0].rto`; empty for a file as a
   * whole.
   */
  readonly where: string;
  /** What was found, as people see it: see `shown`. */
  readonly value: string;
  /** What must hold, e.g. `must be a whole number of days, 1 or more`. */
  readonly rule: string;
  /** What to do, e.g. `raise the retention`. */
  readonly remedy: string;
  /** Line of the file, counted from 1. Omit: not in a file, or not known. */
  readonly line?: number | undefined;
}

/** A problem with a value of any kind. */
export const problem = (where: string, value: unknown, rule: string, remedy: string): Problem => ({
  where,
  value: shown(value),
  rule,
  remedy,
});

/** The line that people read. */
export function describeProblem({ where, value, rule, remedy, line }: Problem): string {
  const place = [line === undefined ? "" : `line ${line}`, where].filter((part) => part !== "").join(", ");
  return `${place === "" ? `${value}:` : `${place} is ${value}, but`} ${rule}; ${remedy}`;
}

/** Any value in one short line; never throws. */
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

/** A rule that is broken and what to do about it. */
export interface Refusal {
  readonly rule: string;
  readonly remedy: string;
}

/** A broken rule and where; what was found there is looked up. */
export interface Finding extends Refusal {
  readonly path: readonly PropertyKey[];
}

/** The plan cannot be used; `problems` has at least one entry. */
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

/** Writes a path as people do: `tiers[0].services[2].id`. */
export function pathOf(segments: readonly PropertyKey[]): string {
  return segments
    .map((segment, index) =>
      typeof segment === "number" ? `[${segment}]` : `${index > 0 ? "." : ""}${String(segment)}`,
    )
    .join("");
}
