/**
 * Each imported recovery point is a database of its own, a generation. What is
 * known of them is kept beside them, so that a job that was killed at any
 * moment is followed by one that knows which of them can be believed.
 */
import type { Fields, Value } from "../database/cbor.ts";
import { identifier, type Database } from "../database/client.ts";
import type { SequencePosition } from "../database/sequences.ts";
import { continuityDatabase, readStoodDown } from "../database/state.ts";

export interface Generation {
  /** Name of the database: `g` and the slot of its full export, and a number where there is more than one of that. */
  name: string;
  full: string;
  /** `verified` can be believed; the others were left in the middle of something. */
  state: "importing" | "applying" | "verified";
  /** The newest point that it holds. */
  kind: "full" | "changes";
  slot: string;
  snapshotAt: string;
  sequences: Record<string, SequencePosition>;
  /** Of the site that wrote the point. */
  epoch: number;
  /** Slot of the newest point whose evidence has been written. */
  evidence: string;
  /** What its full export held, for the evidence; missing in generations from before it was noted. */
  rows?: number;
  tables?: Record<string, { rows: number }>;
  /** Why its point should not have been followed; such a generation is used only where there is no other. */
  doubt?: string;
}

const pattern = /^g\d{8}T\d{6}Z(?:_\d+)?$/;

/** A name that no known generation has: an older one of the same full export is kept until the new one is verified. */
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

/** Whether it took writes after its point: it is at no recovery point any more, whatever is noted of it. */
export const hasBeenUsed = ({ doubt }: Pick<Generation, "doubt">): boolean => doubt === usedDoubt;

/** Notes that a database takes no more writes, but has taken some. One that is no generation stays as it is. */
export async function markUsed(server: Database, name: string): Promise<void> {
  const generation = (await listGenerations(server)).find((known) => known.name === name);
  if (!generation || hasBeenUsed(generation)) return;
  await saveGeneration(server, { ...generation, doubt: usedDoubt });
}

/** The same for the database that was taken out of service by the writer guard, which knows of no generations. */
export async function markStoodDown(server: Database): Promise<void> {
  const name = await readStoodDown(server);
  if (name !== undefined) await markUsed(server, name);
}

export async function dropGeneration(server: Database, name: string): Promise<void> {
  if (!pattern.test(name)) throw new Error(`${name} is not a generation and is not dropped`);
  await server.query(`REMOVE DATABASE IF EXISTS ${identifier(name)}`);
  await continuityDatabase(server).query("DELETE type::record('generation', $name) RETURN NONE", { name });
}

/** Drops what a killed run left half-imported; gives the names. */
export async function dropUnfinished(server: Database): Promise<string[]> {
  const known = new Map((await listGenerations(server)).map((generation) => [generation.name, generation]));
  const [info] = (await server.query("INFO FOR NS")) as [Fields];
  const existing = Object.keys(info["databases"] as Fields).filter((name) => pattern.test(name));
  const unfinished = existing.filter((name) => (known.get(name)?.state ?? "importing") === "importing");
  const vanished = [...known.keys()].filter((name) => !existing.includes(name));
  for (const name of [...unfinished, ...vanished]) await dropGeneration(server, name);
  return unfinished;
}
