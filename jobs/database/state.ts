/** The record `site:state`: which database a site uses and whether it may serve traffic. */
import { databaseNames } from "../../plan/names.ts";
import type { Fields } from "./cbor.ts";
import type { Database } from "./client.ts";

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

/** The state; undefined before the database was prepared. */
export async function readState(database: Database): Promise<SiteState | undefined> {
  const [found] = await continuityDatabase(database).attempt(`SELECT * FROM ONLY ${databaseNames.siteStateRecord}`);
  if (found?.ok !== true || typeof found.value !== "object" || found.value === null) return undefined;
  const { database: name, ready, reason, recoveryPoint, snapshotAt, epoch } = found.value as Fields;
  if (typeof name !== "string" || typeof ready !== "boolean") return undefined;
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
