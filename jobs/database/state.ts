/** The record `site:state`: which database a site uses, and whether it may serve traffic. */
import { databaseNames } from "../../contract/index.ts";
import { Tagged, tags, type Fields, type Value } from "../wire/cbor.ts";
import { isBusyAnswer, QueryError, type Database } from "./client.ts";

export interface SiteState {
  /** Database in use; empty: none yet. */
  database: string;
  /** While false, the site serves no traffic. */
  ready: boolean;
  reason: string;
  /** Slot of the recovery point from which the database was restored. */
  recoveryPoint?: string | undefined;
  snapshotAt?: string | undefined;
  /** Incremented by each promotion: of two writers, the one with the lower epoch is stale. */
  epoch: number;
  updatedAt?: string | undefined;
}

export const continuityDatabase = (database: Database): Database => database.other(databaseNames.continuityDatabase);

/** The server's error for a record whose namespace, database or table does not exist yet. */
const notMadeYet = /^The (?:namespace|database|table) '[^']*' does not exist/i;

/**
 * Returns undefined only before the database was prepared. A failed read is never treated as a missing record: the
 * first state would then overwrite that of a promoted site.
 */
export async function readState(database: Database): Promise<SiteState | undefined> {
  const [found] = await continuityDatabase(database).attempt(`SELECT * FROM ONLY ${databaseNames.siteStateRecord}`);
  if (found?.ok === false && notMadeYet.test(found.error)) return undefined;
  if (found?.ok !== true) {
    const why = found?.error ?? "no response";
    throw new QueryError(`cannot read the site state: ${why}`, isBusyAnswer(why));
  }
  return isNothing(found.value) ? undefined : stateOf(found.value as Fields);
}

const isNothing = (value: Value): boolean =>
  value === undefined || value === null || (value instanceof Tagged && value.tag === tags.none);

function stateOf(record: Fields): SiteState {
  const { database: name, ready, reason, recoveryPoint, snapshotAt, epoch } = record;
  if (typeof name !== "string" || typeof ready !== "boolean" || !Number.isInteger(Number(epoch ?? 0))) {
    throw new QueryError("the site state record (site:state) is malformed; correct it by hand first");
  }
  const optional = { recoveryPoint: textOf(recoveryPoint), snapshotAt: textOf(snapshotAt) };
  return { database: name, ready, reason: textOf(reason) ?? "", ...optional, epoch: Number(epoch ?? 0) };
}

/** Merges the given fields into the state. */
export async function writeState(database: Database, changed: Partial<SiteState>): Promise<void> {
  const updatedAt = new Date().toISOString();
  await continuityDatabase(database).query(`UPSERT ${databaseNames.siteStateRecord} MERGE $changed RETURN NONE`, {
    changed: { ...changed, updatedAt },
  });
}

/**
 * Fences the site if it still serves in that epoch. A single statement, so that a concurrent promotion is not undone.
 * Returns false if the site did not serve, or not in that epoch.
 */
export async function fenceSite(database: Database, epoch: number, reason: string): Promise<boolean> {
  const updatedAt = new Date().toISOString();
  const [updated] = await continuityDatabase(database).query(
    `UPDATE ${databaseNames.siteStateRecord} SET ready = false, reason = $reason, updatedAt = $updatedAt, stoodDown = { database: database, epoch: epoch }
      WHERE ready = true AND epoch = $epoch RETURN VALUE epoch`,
    { reason, updatedAt, epoch },
  );
  return Array.isArray(updated) && updated.length > 0;
}

/** Name of the database that was fenced last. */
export async function readFencedDatabase(database: Database): Promise<string | undefined> {
  const [name] = await continuityDatabase(database).query(
    `SELECT VALUE stoodDown.database FROM ${databaseNames.siteStateRecord}`,
  );
  return textOf(Array.isArray(name) ? name[0] : undefined);
}

/**
 * Lifts the fence in a newer epoch. Returns false if the site was not fenced, or another database has been in use
 * since.
 */
export async function unfenceSite(database: Database, state: SiteState, epoch: number): Promise<boolean> {
  const changed = { ready: true, reason: `resumed in epoch ${epoch}`, epoch, updatedAt: new Date().toISOString() };
  const stoodDown = { database: state.database, epoch: state.epoch };
  const [updated] = await continuityDatabase(database).query(
    `UPDATE ${databaseNames.siteStateRecord} MERGE $changed
      WHERE ready = false AND database = $stoodDown.database AND epoch = $stoodDown.epoch AND stoodDown = $stoodDown
      RETURN VALUE epoch`,
    { changed, stoodDown },
  );
  return Array.isArray(updated) && updated.length > 0;
}

/** Returns the state of a site that may export; throws with the reason otherwise. */
export async function requireReady(database: Database): Promise<SiteState> {
  const state = await readState(database);
  if (!state) throw new Error("the database has no site state; run prepare-database first");
  if (!state.ready)
    throw new Error(
      `the database is not ready (${state.reason || "no reason given"}); it must not be exported as a recovery point`,
    );
  return state;
}

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
