/**
 * The database's changefeed, read to its end without losing or cutting a
 * transaction: pages overlap by one, because the last one of a page may be cut.
 */
import { encode, Tagged, tags, type Fields, type Value } from "./cbor.ts";
import type { Database } from "./client.ts";
import { positionOf } from "./time.ts";

/** What one transaction changed. */
export interface Changeset {
  versionstamp: bigint;
  changes: Fields[];
}

export type Change =
  | { kind: "record"; table: string; key: string; id: Tagged; record: Fields }
  | { kind: "deleted"; table: string; key: string; id: Tagged }
  | { kind: "definition"; table: string };

/** The feed cannot be read completely. */
export class FeedError extends Error {}

export interface FeedOptions {
  /** Entries in one page; a transaction has one for each table that it touches. */
  pageSize: number;
  /**
   * Moment of the database's clock, just now, up to which the feed must be read.
   * Omit: until it is caught up with, which under steady writing may take long.
   */
  enough?: Date;
}

/** Every changeset at or after a position, in order. */
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
        `transaction ${last.versionstamp} touches more tables than a page of ${pageSize} entries holds`,
      );
    }
    if (last) since = last.versionstamp;
    if (isEnough(since)) return; // the last one may be cut, and belongs to what comes next
  }
  if (last) yield last;
}

const graceMilliseconds = 1000;

/**
 * Whether a position lies safely after a moment. Positions can run ahead of the
 * clock, after it was set back; such ones say nothing about what is still to come.
 */
function passedBy(moment: Date): (position: bigint) => boolean {
  const startedAt = performance.now();
  const after = (milliseconds: number) => positionOf(new Date(moment.getTime() + milliseconds + graceMilliseconds));
  return (position) => position > after(0) && position <= after(performance.now() - startedAt);
}

async function readPage(database: Database, since: bigint, pageSize: number): Promise<Changeset[]> {
  // The statement takes no parameters; both are numbers.
  const [rows] = await database.query(`SHOW CHANGES FOR DATABASE SINCE ${since} LIMIT ${pageSize}`);
  return (rows as Fields[]).map(({ versionstamp, changes }) => ({
    versionstamp: BigInt(versionstamp as number | bigint),
    changes: changes as Fields[],
  }));
}

const tablesOf = (changeset: Changeset): Set<string> =>
  new Set(changeset.changes.map((change) => readChange(change).table));

/** Understands one entry; an entry of an unknown kind is an error, never skipped. */
export function readChange(change: Fields): Change {
  const deleted = change["delete"];
  // With INCLUDE ORIGINAL the whole record is beside the difference.
  const record = change["current"] ?? change["create"] ?? change["update"];
  if (isFields(deleted)) return { kind: "deleted", ...identityOf(deleted["id"]) };
  if (isFields(record)) return { kind: "record", ...identityOf(record["id"]), record };
  const table = change["define_table"];
  if (isFields(table)) return { kind: "definition", table: String(table["name"]) };
  throw new FeedError(`the feed has an entry of unknown kind: ${Object.keys(change).join(", ")}`);
}

/**
 * How many different records of each table the changes deleted. Creations cannot be counted: a feed shows them
 * as it shows updates.
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
  if (!(id instanceof Tagged) || id.tag !== tags.recordId) throw new FeedError("an entry of the feed names no record");
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
