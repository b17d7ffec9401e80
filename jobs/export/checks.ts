/**
 * What must hold before an export may be called a recovery point. An export
 * that fails can still look like one: a clean cut, a header only, a part of
 * the rows. Each check gives the reasons for a refusal, all of them.
 */
import type { ExportSummary } from "../points/summary.ts";

/** Rows of each table, counted by queries of their own. */
export type Counts = Record<string, number>;

/** Tables that the database has must be in its export, and no others. */
export function findMissingTables(expected: string[], possible: string[], summary: ExportSummary): string[] {
  const missing = expected.filter((name) => !(name in summary.tables) || !(`TABLE: ${name}` in summary.sections));
  const unknown = Object.keys(summary.tables).filter((name) => !possible.includes(name));
  return [
    ...missing.map((name) => `table ${name} is in the database but not complete in the export`),
    ...unknown.map((name) => `table ${name} is in the export but not in the database`),
  ];
}

/** An export of nothing is no recovery point, however well-formed. */
export function findEmptiness(summary: ExportSummary): string[] {
  return Object.keys(summary.tables).length === 0 ? ["the export holds no table at all"] : [];
}

/**
 * Rows in the export against counts taken before and after it. Of the rows counted before, only those may be missing
 * that were deleted meanwhile (`deleted`: records per table that the feed shows as deleted); of the rows counted
 * after, only those may be there in addition. Updates explain nothing: lost rows cannot hide behind them.
 */
export function findCountDifferences(
  summary: ExportSummary,
  before: Counts,
  after: Counts,
  deleted: Record<string, number> = {},
): string[] {
  return Object.entries(summary.tables).flatMap(([name, { rows }]) => {
    const [first, second] = [before[name], after[name]];
    if (first === undefined || second === undefined) return []; // appeared or vanished during the export
    const slack = deleted[name] ?? 0;
    // A table without a feed shows its deletions in the second count only.
    const [low, high] = [Math.min(first - slack, second), Math.max(first, second + slack)];
    if (rows >= low && rows <= high) return [];
    return [
      `table ${name} has ${rows} rows in the export, but ${first} before it and ${second} after it in the database`,
    ];
  });
}

export interface Floor {
  /** Smallest accepted share of the rows that the database itself counts; 0 accepts all. */
  minimumRatio: number;
  /** Tables with fewer rows are not judged. */
  guardRows: number;
}

/** An export from the middle of a great deletion is refused whatever explains its rows: the next one is a better point. */
export function findLoss(
  summary: ExportSummary,
  before: Counts,
  after: Counts,
  { minimumRatio, guardRows }: Floor,
): string[] {
  return Object.entries(summary.tables).flatMap(([name, { rows }]) => {
    const counted = Math.min(before[name] ?? 0, after[name] ?? 0);
    if (counted < guardRows || rows >= Math.floor(counted * minimumRatio)) return [];
    return [`table ${name} has ${rows} rows in the export, below ${minimumRatio} of the ${counted} in the database`];
  });
}

/** What is uploaded must be locked for as long as the plan keeps recovery points; a day of grace for clocks. */
export function findMissingLock(lockedUntil: Date | undefined, retentionDays: number, now: Date): string[] {
  if (retentionDays === 0) return [];
  const day = 86_400_000;
  if (lockedUntil && lockedUntil.getTime() >= now.getTime() + (retentionDays - 1) * day) return [];
  const found = lockedUntil ? `locked until ${lockedUntil.toISOString()}` : "not locked";
  return [
    `the uploaded part is ${found}, but must be locked for ${retentionDays} days; set the bucket's default retention`,
  ];
}
