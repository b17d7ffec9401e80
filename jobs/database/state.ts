/** The record `site:state`: which database a site uses and whether it may serve traffic. */
import { databaseNames } from "../../contract/index.ts";
import { Tagged, tags, type Fields, type Value } from "./cbor.ts";
import { isBusyAnswer, QueryError, type Database } from "./client.ts";

export interface SiteState {
  /** Database in use; empty: none yet. */
  database: string;
  /** No traffic while false. */
  ready: boolean;
  reason: string;
  /** Slot of the recovery point that the database came from. */
  recoveryPoint?: string | undefined;
  snapshotAt?: string | undefined;
  /** Rises by one with each promotion: of two writers, the one with the lower epoch is the stale one. */
  epoch: number;
  updatedAt?: string | undefined;
}

export const continuityDatabase = (database: Database): Database => database.other(databaseNames.continuityDatabase);

/** What the server says of a record whose namespace, database or table has not been made yet. */
const notMadeYet = /^The (?:namespace|database|table) '[^']*' does not exist/i;

/**
 * The state; undefined before the database was prepared, and only then: who takes
 * a failed reading for a missing record would write the first state over a promoted site's.
 */
export async function readState(database: Database): Promise<SiteState | undefined> {
  const [found] = await continuityDatabase(database).attempt(`SELECT * FROM ONLY ${databaseNames.siteStateRecord}`);
  if (found?.ok === false && notMadeYet.test(found.error)) return undefined;
  if (found?.ok !== true) {
    const why = found?.error ?? "no answer";
    throw new QueryError(`the site's state cannot be read: ${why}`, isBusyAnswer(why));
  }
  return isNothing(found.value) ? undefined : stateOf(found.value as Fields);
}

const isNothing = (value: Value): boolean =>
  value === undefined || value === null || (value instanceof Tagged && value.tag === tags.none);

function stateOf(record: Fields): SiteState {
  const { database: name, ready, reason, recoveryPoint, snapshotAt, epoch } = record;
  if (typeof name !== "string" || typeof ready !== "boolean" || !Number.isInteger(Number(epoch ?? 0))) {
    throw new QueryError("the record of the site's state is malformed; correct it by hand before anything else");
  }
  const optional = { recoveryPoint: textOf(recoveryPoint), snapshotAt: textOf(snapshotAt) };
  return { database: name, ready, reason: textOf(reason) ?? "", ...optional, epoch: Number(epoch ?? 0) };
}

/** Writes the given fields of the state and leaves the others. */
export async function writeState(database: Database, changed: Partial<SiteState>): Promise<void> {
  const updatedAt = new Date().toISOString();
  await continuityDatabase(database).query(`UPSERT ${databaseNames.siteStateRecord} MERGE $changed RETURN NONE`, {
    changed: { ...changed, updatedAt },
  });
}

/**
 * Takes a site out of service, if it still serves in that epoch; one statement, so that a promotion at the same moment
 * is not undone. False: it did not serve, or no longer in that epoch.
 */
export async function standDown(database: Database, epoch: number, reason: string): Promise<boolean> {
  const updatedAt = new Date().toISOString();
  const [updated] = await continuityDatabase(database).query(
    `UPDATE ${databaseNames.siteStateRecord} SET ready = false, reason = $reason, updatedAt = $updatedAt, stoodDown = { database: database, epoch: epoch }
      WHERE ready = true AND epoch = $epoch RETURN VALUE epoch`,
    { reason, updatedAt, epoch },
  );
  return Array.isArray(updated) && updated.length > 0;
}

/** Name of the database that `standDown` took out of service last. */
export async function readStoodDown(database: Database): Promise<string | undefined> {
  const [name] = await continuityDatabase(database).query(
    `SELECT VALUE stoodDown.database FROM ${databaseNames.siteStateRecord}`,
  );
  return textOf(Array.isArray(name) ? name[0] : undefined);
}

/** Undoes `standDown`, in a newer epoch; false: the site was not stood down, or another database is in use since. */
export async function standUp(database: Database, state: SiteState, epoch: number): Promise<boolean> {
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

/** The state of a site whose exports count; throws with the reason when this one's do not. */
export async function requireReady(database: Database): Promise<SiteState> {
  const state = await readState(database);
  if (!state) throw new Error("the database has no site state; run prepare-database first");
  if (!state.ready)
    throw new Error(
      `the database is not ready (${state.reason || "no reason given"}); its content is no recovery point`,
    );
  return state;
}

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
