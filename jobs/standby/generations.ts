/**
 * Each imported full export is a separate database, a generation. Its state is stored in the continuity database, so
 * that the run after a killed one can tell which generations are usable.
 */
import type { SiteName } from "../../contract/index.ts";
import type { Fields, Value } from "../wire/cbor.ts";
import { identifier, type Database } from "../database/client.ts";
import type { SequencePosition } from "../database/sequences.ts";
import { continuityDatabase, readFencedDatabase } from "../database/state.ts";

export interface Generation {
  /** Database name: `g` and the slot of its full export, with a number if there are several. */
  name: string;
  full: string;
  /** `verified` is usable; the others were interrupted. */
  state: "importing" | "applying" | "verified";
  /** The newest recovery point that it contains. */
  kind: "full" | "changes";
  slot: string;
  snapshotAt: string;
  sequences: Record<string, SequencePosition>;
  /** Writer of that recovery point; missing in older generations. */
  site?: SiteName;
  /** Its epoch. */
  epoch: number;
  /** Slot of the newest recovery point whose evidence has been written. */
  evidence: string;
  /** Contents of its full export, for the evidence; missing in older generations. */
  rows?: number;
  tables?: Record<string, { rows: number }>;
  /** Why its recovery point should not have been applied; such a generation is used only as a last resort. */
  doubt?: string;
}

const pattern = /^g\d{8}T\d{6}Z(?:_\d+)?$/;

/** Returns an unused name: an older generation of the same full export is kept until the new one is verified. */
export function generationName(fullSlot: string, known: readonly Generation[] = []): string {
  const taken = new Set(known.map(({ name }) => name));
  const first = `g${fullSlot}`;
  for (let number = 2, name = first; ; number++) {
    if (!taken.has(name)) return name;
    name = `${first}_${number}`;
  }
}

/** All known generations, oldest first. */
export async function listGenerations(server: Database): Promise<Generation[]> {
  const continuity = continuityDatabase(server);
  await continuity.query("DEFINE TABLE IF NOT EXISTS generation SCHEMALESS");
  const [rows] = await continuity.query("SELECT VALUE content FROM generation");
  const generations = (rows as Value[]).map((content) => JSON.parse(String(content)) as Generation);
  return generations.toSorted((a, b) => a.name.localeCompare(b.name));
}

export async function saveGeneration(server: Database, generation: Generation): Promise<void> {
  const variables = { name: generation.name, content: JSON.stringify(generation) };
  const sql = "UPSERT type::record('generation', $name) CONTENT { content: $content } RETURN NONE";
  await continuityDatabase(server).query(sql, variables);
}

const usedDoubt = "it has been in use since";

/** Whether it took writes after its recovery point, so that it no longer matches any. */
export const hasBeenUsed = ({ doubt }: Pick<Generation, "doubt">): boolean => doubt === usedDoubt;

/** Records that a database has been in use and is no longer. Ignored for databases that are not generations. */
export async function markUsed(server: Database, name: string): Promise<void> {
  const generation = (await listGenerations(server)).find((known) => known.name === name);
  if (!generation || hasBeenUsed(generation)) return;
  await saveGeneration(server, { ...generation, doubt: usedDoubt });
}

/** Does the same for the database fenced by the writer guard, which does not deal with generations. */
export async function markFencedUsed(server: Database): Promise<void> {
  const name = await readFencedDatabase(server);
  if (name !== undefined) await markUsed(server, name);
}

export async function dropGeneration(server: Database, name: string): Promise<void> {
  if (!pattern.test(name)) throw new Error(`${name} is not a generation; not dropped`);
  await server.query(`REMOVE DATABASE IF EXISTS ${identifier(name)}`);
  await continuityDatabase(server).query("DELETE type::record('generation', $name) RETURN NONE", { name });
}

/** Drops generations that a killed run left half-imported; returns their names. */
export async function dropUnfinished(server: Database): Promise<string[]> {
  const known = new Map((await listGenerations(server)).map((generation) => [generation.name, generation]));
  const [info] = (await server.query("INFO FOR NS")) as [Fields];
  const existing = Object.keys(info["databases"] as Fields).filter((name) => pattern.test(name));
  const unfinished = existing.filter((name) => (known.get(name)?.state ?? "importing") === "importing");
  const vanished = [...known.keys()].filter((name) => !existing.includes(name));
  for (const name of [...unfinished, ...vanished]) await dropGeneration(server, name);
  return unfinished;
}
