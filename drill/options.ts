import { resolve } from "node:path";
import { existsSync, statSync } from "node:fs";
import { databaseNames } from "../contract/index.ts";
import { CannotRun, type Problem } from "../continuity/cannot-run.ts";

/** Only the data's own exports go wrong, not those by which a restore is verified. */
const ofTheData = { FAULT_EXPORT_OF: databaseNames.initialDatabase };

/** Ways in which the database's export can fail without a word, to see that the drill notices. */
export const faults = {
  "export-truncated": { FAULT_EXPORT: "truncate-statement", ...ofTheData },
  "export-empty": { FAULT_EXPORT: "empty", ...ofTheData },
  "export-loses-rows": { FAULT_EXPORT: "lose-rows", ...ofTheData },
} as const satisfies Record<string, Record<string, string>>;

export type FaultName = keyof typeof faults;

export const scenarios = ["region-loss"] as const;
export type ScenarioName = (typeof scenarios)[number];

export interface DrillOptions {
  scenario: ScenarioName;
  /** Entries that the database holds before the region is lost. */
  rows: number;
  /** Directory for report.json and report.html; undefined writes none. */
  out: string | undefined;
  /** Leaves everything running until the command is interrupted. */
  keep: boolean;
  fault: FaultName | undefined;
  /** Plan file; undefined takes the project's own. */
  plan: string | undefined;
}

export interface RawDrillOptions {
  scenario?: string;
  rows?: string;
  out?: string;
  keep?: boolean;
  fault?: string;
  plan?: string;
}

const mostRows = 1_000_000;

/** @throws CannotRun with everything that is wrong at once */
export function readDrillOptions(raw: RawDrillOptions): DrillOptions {
  const problems: Problem[] = [];
  const oneOf = <T extends string>(where: string, value: string, allowed: readonly T[]): T => {
    if (!(allowed as readonly string[]).includes(value)) {
      const rule = `it must be one of ${allowed.join(", ")}`;
      problems.push({ where, value: JSON.stringify(value), rule, remedy: `use ${where} ${allowed[0]}` });
    }
    return value as T;
  };
  const rows = Number(raw.rows ?? "10000");
  if (!Number.isInteger(rows) || rows < 1 || rows > mostRows) {
    const rule = `it must be a whole number from 1 to ${mostRows}`;
    problems.push({ where: "--rows", value: JSON.stringify(raw.rows), rule, remedy: "use --rows 10000" });
  }
  if (raw.out !== undefined && existsSync(raw.out) && !statSync(raw.out).isDirectory()) {
    problems.push({
      where: "--out",
      value: JSON.stringify(raw.out),
      rule: "it must be a directory",
      remedy: "name another one",
    });
  }
  const options: DrillOptions = {
    scenario: oneOf("--scenario", raw.scenario ?? "region-loss", scenarios),
    rows,
    out: raw.out,
    keep: raw.keep === true,
    fault: raw.fault === undefined ? undefined : oneOf("--fault", raw.fault, Object.keys(faults) as FaultName[]),
    plan: raw.plan === undefined ? undefined : resolve(raw.plan),
  };
  if (problems.length > 0) throw new CannotRun("the drill cannot run with these options", problems);
  return options;
}
