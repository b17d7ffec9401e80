/** What is wrong with a plan: every problem at once, each with a way out. */

/** One problem: where, what was found, which rule it breaks and what to do. */
export interface PlanProblem {
  /** e.g. `backups.fullExport.schedule` or `tiers[0].rto`; empty for the file as a whole. */
  readonly path: string;
  /** What was found, shortened; `nothing` where something is missing. */
  readonly value: string;
  readonly rule: string;
  readonly remedy: string;
  /** Line of the file, counted from 1, where it is known. */
  readonly line?: number;
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
  readonly problems: readonly PlanProblem[];

  constructor(source: string, problems: readonly PlanProblem[]) {
    super(messageOf(source, problems));
    this.name = "PlanError";
    this.source = source;
    this.problems = problems;
  }
}

function messageOf(source: string, problems: readonly PlanProblem[]): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return [`${source}: ${count}`, ...problems.map((problem) => `  ${writtenOut(problem)}`)].join("\n");
}

function writtenOut({ path, value, rule, remedy, line }: PlanProblem): string {
  const where = [line === undefined ? "" : `line ${line}`, path].filter((part) => part !== "").join(", ");
  return `${where === "" ? "" : `${where} is `}${value}: ${rule}; ${remedy}`;
}

/** Shows any value in one short line; never throws. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  try {
    const json = JSON.stringify(value) ?? String(value);
    return json.length > 80 ? `${json.slice(0, 77)}...` : json;
  } catch {
    return "a value that refers to itself";
  }
}

/** Writes a path as people do: `tiers[0].services[2].id`. */
export function pathOf(segments: readonly PropertyKey[]): string {
  return segments
    .map((segment, index) =>
      typeof segment === "number" ? `[${segment}]` : `${index > 0 ? "." : ""}${String(segment)}`,
    )
    .join("");
}
