/**
 * Detects recovery points that look wrong although they match the database. They are kept, since their data may be all
 * that is left, but marked: the standby does not follow them until an operator has decided.
 */
import { mostNumbersPerSecond, type SequencePosition } from "../database/sequences.ts";
import type { Suspicion } from "../points/manifest.ts";
import { isTrusted, type PastPoint } from "./history.ts";

export interface ShrinkLimits {
  /** A table that loses more than this share of its rows is suspicious. */
  ratio: number;
  /** Tables with at most this many rows are not checked. */
  minimumRows: number;
  /** Rows are compared with the table's maximum over this time. */
  withinSeconds: number;
}

/** The recovery point being exported. */
export interface Present {
  /** `<kind> <slot>` */
  name: string;
  /** Time of the snapshot, in milliseconds since 1970. */
  at: number;
  rows: Record<string, number>;
}

/** Returns the mark of a recovery point; undefined: nothing looks wrong. */
export function judgeShrink(
  present: Present,
  history: readonly PastPoint[],
  limits: ShrinkLimits,
): Suspicion | undefined {
  const reasons = findShrinking(present, history, limits);
  if (reasons.length === 0) return undefined;
  return { since: seriesOf(reasons, history) ?? present.name, reasons };
}

/**
 * The series that this recovery point continues, so that one decision covers all of it. Undefined: a new series, e.g.
 * after an accepted one.
 */
function seriesOf(reasons: string[], history: readonly PastPoint[]): string | undefined {
  const before = history.at(-1);
  if (!before?.suspicious || isTrusted(before)) return undefined;
  const { since } = before.suspicious;
  if (before.mark === "undecided") return since;
  // A rejection covers the losses known at that time; a table that lost rows since then needs a new decision.
  const rejected = history.flatMap(({ suspicious }) => (suspicious?.since === since ? suspicious.reasons : []));
  const tables = new Set(rejected.map(tableOf));
  return reasons.every((reason) => tables.has(tableOf(reason))) ? since : undefined;
}

/** Strips the figures that differ between recovery points of a series. */
const tableOf = (reason: string): string => reason.replace(/ (?:is gone|has \d+ rows), \d+ in point [\s\S]*$/, "");

/** Suspicious recovery points awaiting a decision, not including the one being exported. */
export const countUndecided = (history: readonly PastPoint[]): number =>
  history.filter(({ mark }) => mark === "undecided").length;

function findShrinking(present: Present, history: readonly PastPoint[], limits: ShrinkLimits): string[] {
  const points = baseline(present, history, limits);
  const tables = new Set(points.flatMap(({ rows }) => Object.keys(rows)));
  return [...tables].sort().flatMap((table) => {
    const most = points.reduce((best, point) => ((point.rows[table] ?? 0) > (best.rows[table] ?? 0) ? point : best));
    const [then, now] = [most.rows[table] ?? 0, present.rows[table]];
    if (then <= limits.minimumRows || then - (now ?? 0) <= limits.ratio * then) return [];
    const left = now === undefined ? "is gone" : `has ${now} rows`;
    const percent = Number((limits.ratio * 100).toFixed(2));
    return [`table ${table} ${left}, ${then} in point ${most.name}: more than ${percent} % are missing`];
  });
}

/**
 * Recovery points to compare with. A suspicious one is excluded, or a series would hide itself; an accepted one
 * replaces all before it, because its loss was intended.
 */
function baseline({ at }: Present, history: readonly PastPoint[], { withinSeconds }: ShrinkLimits) {
  const trusted = history.flatMap((point) => (isTrusted(point) && point.rows ? [{ ...point, rows: point.rows }] : []));
  const accepted = trusted.findLastIndex(({ suspicious }) => suspicious !== undefined);
  const known = trusted.slice(Math.max(accepted, 0));
  const recent = known.filter((point) => at - point.at <= withinSeconds * 1000);
  return recent.length > 0 ? recent : known.slice(-1);
}

/**
 * Adds to each position the rate at which numbers were taken; the effect of a burst halves with each recovery point.
 */
export function withRates(
  sequences: Record<string, SequencePosition>,
  { at, epoch }: { at: number; epoch: number },
  history: readonly PastPoint[],
): Record<string, SequencePosition> {
  const before = history.at(-1);
  // A promotion advances sequences; that is not a rate.
  if (before?.epoch !== epoch || at - before.at < 1000) return sequences;
  const entries = Object.entries(sequences).map(([name, position]) => {
    const past = before.sequences[name];
    if (!past) return [name, position] as const;
    const taken = Math.max(0, position.value - past.value) / ((at - before.at) / 1000);
    return [
      name,
      { ...position, perSecond: Math.min(Math.max(taken, (past.perSecond ?? 0) / 2), mostNumbersPerSecond) },
    ] as const;
  });
  return Object.fromEntries(entries);
}
