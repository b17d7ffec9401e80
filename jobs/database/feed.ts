/**
 * Reads the changefeed to its end without losing or splitting a transaction. Pages overlap by one transaction, because
 * the last one of a page may be incomplete.
 */
import { encode, Tagged, tags, type Fields, type Value } from "../wire/cbor.ts";
import type { Database } from "./client.ts";
import { positionOf } from "./time.ts";

/** Changes of one transaction. */
export interface Changeset {
  versionstamp: bigint;
  changes: Fields[];
}

export type Change =
  | { kind: "record"; table: string; key: string; id: Tagged; record: Fields }
  | { kind: "deleted"; table: string; key: string; id: Tagged }
  | { kind: "definition"; table: string };

/** The changefeed cannot be read completely. */
export class FeedError extends Error {}

export interface FeedOptions {
  /** Entries per page; a transaction has one for each table that it changes. */
  pageSize: number;
  /**
   * Read up to this time of the database's clock, which must be recent. Omit: read until the end, which may take long
   * under steady writes.
   */
  enough?: Date;
}

/** Yields every changeset at or after a position, in order. */
export async function* readFeed(
  database: Database,
  from: bigint,
  { pageSize, enough }: FeedOptions,
): AsyncIterable<Changeset> {
  const isEnough = enough ? passedBy(enough) : () => false;
  let since = from;
  let last: Changeset | undefined;
  for (;;) {
    const page = await readPage(database, since, pageSize);
    const progress = page.length > 1 || (page[0]?.changes.length ?? 0) > (last?.changes.length ?? 0);
    if (!progress) break;
    for (const changeset of page) {
      if (last && changeset.versionstamp > last.versionstamp) yield last;
      last = changeset;
    }
    if (page.length === 1 && last && tablesOf(last).size >= pageSize) {
      throw new FeedError(
        `transaction ${last.versionstamp} changes more tables than fit on a page of ${pageSize} entries`,
      );
    }
    if (last) since = last.versionstamp;
    if (isEnough(since)) return; // the last one may be incomplete; the next run reads it again
  }
  if (last) yield last;
}

const graceMilliseconds = 1000;

/**
 * Whether a position is safely after the given time. Positions can be ahead of the clock after it was set back; such
 * positions do not show how far the feed has been read.
 */
function passedBy(moment: Date): (position: bigint) => boolean {
  const startedAt = performance.now();
  const after = (milliseconds: number) => positionOf(new Date(moment.getTime() + milliseconds + graceMilliseconds));
  return (position) => position > after(0) && position <= after(performance.now() - startedAt);
}

async function readPage(database: Database, since: bigint, pageSize: number): Promise<Changeset[]> {
  // SHOW CHANGES accepts no parameters; both values are numbers.
  const [rows] = await database.query(`SHOW CHANGES FOR DATABASE SINCE ${since} LIMIT ${pageSize}`);
  return (rows as Fields[]).map(({ versionstamp, changes }) => ({
    versionstamp: BigInt(versionstamp as number | bigint),
    changes: changes as Fields[],
  }));
}

const tablesOf = (changeset: Changeset): Set<string> =>
  new Set(changeset.changes.map((change) => readChange(change).table));

/** Parses one entry; an unknown kind is an error and never skipped. */
export function readChange(change: Fields): Change {
  const deleted = change["delete"];
  // With INCLUDE ORIGINAL the full record accompanies the diff.
  const record = change["current"] ?? change["create"] ?? change["update"];
  if (isFields(deleted)) return { kind: "deleted", ...identityOf(deleted["id"]) };
  if (isFields(record)) return { kind: "record", ...identityOf(record["id"]), record };
  const table = change["define_table"];
  if (isFields(table)) return { kind: "definition", table: String(table["name"]) };
  throw new FeedError(`the changefeed has an entry of unknown kind: ${Object.keys(change).join(", ")}`);
}

/**
 * Number of distinct records deleted per table. Creations cannot be counted: the changefeed does not distinguish them
 * from updates.
 */
export async function countDeleted(feed: AsyncIterable<Changeset>): Promise<Record<string, number>> {
  const deleted = new Map<string, Set<string>>();
  for await (const { changes } of feed) {
    for (const entry of changes) {
      const change = readChange(entry);
      if (change.kind !== "deleted") continue;
      const keys = deleted.get(change.table) ?? new Set<string>();
      deleted.set(change.table, keys.add(change.key));
    }
  }
  return Object.fromEntries([...deleted].map(([table, keys]) => [table, keys.size]));
}

function identityOf(id: Value): { table: string; key: string; id: Tagged } {
  if (!(id instanceof Tagged) || id.tag !== tags.recordId)
    throw new FeedError("an entry of the changefeed has no record id");
  const [table] = id.value as [Value];
  const name = table instanceof Tagged ? table.value : table;
  return { table: String(name), key: encode(id).toString("base64"), id };
}

const isFields = (value: Value): value is Fields =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Tagged) &&
  !(value instanceof Uint8Array);
