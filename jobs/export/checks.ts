/**
 * What must hold before an export may be called a recovery point. An export
 * that fails can still look like one: a clean cut, a header only, a part of
 * the rows. Each check gives the reasons for a refusal, all of them.
 */
import type { FullManifest } from "../points/manifest.ts";
import { totalRows, type ExportSummary } from "../points/summary.ts";

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
 * Rows in the export against counts taken before and after it. They may differ
 * only by what was written meanwhile: `writes` says how many records the feed shows as touched.
 */
export function findCountDifferences(
  summary: ExportSummary,
  before: Counts,
  after: Counts,
  writes: Record<string, number> = {},
): string[] {
  return Object.entries(summary.tables).flatMap(([name, { rows }]) => {
    const [first, second] = [before[name], after[name]];
    if (first === undefined || second === undefined) return []; // appeared or vanished during the export
    const slack = writes[name] ?? 0;
    const [low, high] = [Math.min(first, second) - slack, Math.max(first, second) + slack];
    if (rows >= low && rows <= high) return [];
    return [
      `table ${name} has ${rows} rows in the export, but ${first} before it and ${second} after it in the database`,
    ];
  });
}

export interface ShrinkLimits {
  /** Smallest accepted share of the previous rows; 0 accepts all. */
  minimumRatio: number;
  /** Tables that had fewer rows are judged by the sum only. */
  guardRows: number;
}

/** Rows against the previous recovery point: a sudden loss of most of them is no state to keep quietly. */
export function findShrinking(
  summary: ExportSummary,
  previous: FullManifest | undefined,
  { minimumRatio, guardRows }: ShrinkLimits,
): string[] {
  if (!previous) return [];
  const remedy = "set MINIMUM_ROWS_RATIO=0 for one run if this is intended";
  const judge = (what: string, now: number, then: number): string[] =>
    now < Math.floor(then * minimumRatio)
      ? [`${what} shrank from ${then} rows in point ${previous.slot} to ${now}, below ${minimumRatio} of it; ${remedy}`]
      : [];
  return [
    ...judge("the database", totalRows(summary.tables), previous.rows),
    ...Object.entries(previous.tables).flatMap(([name, table]) =>
      table.rows >= guardRows ? judge(`table ${name}`, summary.tables[name]?.rows ?? 0, table.rows) : [],
    ),
  ];
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
