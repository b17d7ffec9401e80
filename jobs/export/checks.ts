/**
 * Checks that an export must pass to become a recovery point. A failed export can still look complete: truncated at a
 * statement boundary, only a header, or only some of the rows. Each check returns all its findings.
 */
import type { ExportSummary } from "../points/summary.ts";

/** Rows per table, counted by separate queries. */
export type Counts = Record<string, number>;

/** The export must contain the tables of the database and no others. */
export function findMissingTables(expected: string[], possible: string[], summary: ExportSummary): string[] {
  const missing = expected.filter((name) => !(name in summary.tables) || !(`TABLE: ${name}` in summary.sections));
  const unknown = Object.keys(summary.tables).filter((name) => !possible.includes(name));
  return [
    ...missing.map((name) => `table ${name} is in the database but missing or incomplete in the export`),
    ...unknown.map((name) => `table ${name} is in the export but not in the database`),
  ];
}

/** An empty export is not a recovery point, however well-formed. */
export function findEmptiness(summary: ExportSummary): string[] {
  return Object.keys(summary.tables).length === 0 ? ["the export contains no tables"] : [];
}

/**
 * Compares the rows in the export with counts taken before and after it. Rows counted before may only be missing if
 * they were deleted meanwhile (`deleted`: records per table that the changefeed shows as deleted); only rows counted
 * after may be additional. Updates are no explanation, so lost rows cannot hide behind them.
 */
export function findCountDifferences(
  summary: ExportSummary,
  before: Counts,
  after: Counts,
  deleted: Record<string, number> = {},
): string[] {
  return Object.entries(summary.tables).flatMap(([name, { rows }]) => {
    const [first, second] = [before[name], after[name]];
    if (first === undefined || second === undefined) return []; // created or removed during the export
    const slack = deleted[name] ?? 0;
    // Deletions from a table without a changefeed only show in the second count.
    const [low, high] = [Math.min(first - slack, second), Math.max(first, second + slack)];
    if (rows >= low && rows <= high) return [];
    return [
      `table ${name} has ${rows} rows in the export, but the database had ${first} before and ${second} after it`,
    ];
  });
}

export interface Floor {
  /** Smallest accepted ratio of exported rows to rows in the database; 0 disables the check. */
  countFloorRatio: number;
  /** Tables with fewer rows are not checked. */
  guardRows: number;
}

/**
 * Rejects an export taken during a mass deletion whatever explains its rows: the next export is a better recovery
 * point.
 */
export function findLoss(
  summary: ExportSummary,
  before: Counts,
  after: Counts,
  { countFloorRatio, guardRows }: Floor,
): string[] {
  return Object.entries(summary.tables).flatMap(([name, { rows }]) => {
    const counted = Math.min(before[name] ?? 0, after[name] ?? 0);
    if (counted < guardRows || rows >= Math.floor(counted * countFloorRatio)) return [];
    return [`table ${name} has ${rows} rows in the export, below ${countFloorRatio} of the ${counted} in the database`];
  });
}

/**
 * Uploaded objects must be locked for the retention period of recovery points, minus a day of tolerance for clock
 * differences.
 */
export function findMissingLock(lockedUntil: Date | undefined, retentionDays: number, now: Date): string[] {
  if (retentionDays === 0) return [];
  const day = 86_400_000;
  if (lockedUntil && lockedUntil.getTime() >= now.getTime() + (retentionDays - 1) * day) return [];
  const found = lockedUntil ? `locked until ${lockedUntil.toISOString()}` : "not locked";
  return [
    `the uploaded object is ${found}, but must be locked for ${retentionDays} days; set the bucket's default retention`,
  ];
}
