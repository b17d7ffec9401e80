/**
 * Replays a change recovery point: each changed record gets its final state, and is read back and compared.
 *
 * Only final states are written. Recovery points overlap, so one may repeat changes that the database already has; an
 * intermediate older state could violate a unique index, the final states together cannot.
 */
import { decode, type Fields, type Value } from "../wire/cbor.ts";
import { isBusyAnswer, QueryError, type Database, type StatementResult } from "../database/client.ts";
import { readDefinitions, type Definitions } from "../database/definitions.ts";
import { readChange, type Change } from "../database/feed.ts";
import { decodeFrames, FinalStates, recordDigest, type LastState } from "../points/changes.ts";
import type { ChangesManifest } from "../points/manifest.ts";
import { readPart } from "../points/parts.ts";
import type { PointStore } from "../points/store.ts";
import { restoreIndexes, readDroppedIndexes, withoutUniqueIndexes } from "./indexes.ts";
import { compareViews, rebuildViews, viewsOf } from "./views.ts";

/** Statements in one request. */
const batchSize = 250;

export interface Replayed {
  changes: number;
  /** Records in the changes, and how many of them were not in their final state yet. */
  touched: number;
  written: number;
  /** Differences from the recovery point; empty: the database is at that point. */
  differences: string[];
}

/**
 * Applies one change recovery point; `beforeWriting` is called before the first write, if any is needed. The work is
 * derived from the database's content, not from the progress of an earlier run, which may have been killed.
 */
export async function replayChanges(
  store: PointStore,
  manifest: ChangesManifest,
  target: Database,
  beforeWriting: () => Promise<void> = async () => undefined,
): Promise<Replayed> {
  const definitions = await readDefinitions(target);
  const states = await readStates(store, manifest, definitions);
  const dropped = await readDroppedIndexes(target);
  const differences = [
    ...compareStates(manifest, states),
    ...(dropped.length > 0 ? [] : compareDefinitions(manifest, definitions)),
  ];
  const replayed = { changes: manifest.changes, touched: states.records.size, written: 0, differences };
  // Nothing has been written yet: a part that does not match its manifest must not corrupt the database.
  if (differences.length > 0) return replayed;
  const stale = await findStale(target, definitions, states.records);
  const tables = new Set([...states.records.values()].map(({ table }) => table));
  const views = viewsOf(definitions, tables);
  const wrongViews = stale.size > 0 ? views : await findWrongViews(target, definitions, views);
  if (stale.size === 0 && dropped.length === 0 && wrongViews.length === 0) return replayed;
  await beforeWriting();
  await applyLastStates(store, manifest, target, { definitions, stale });
  await restoreIndexes(target);
  await rebuildViews(target, definitions, wrongViews);
  const wrong = await findStale(target, definitions, stale);
  const { different } = await compareViews(target, definitions, wrongViews);
  return {
    ...replayed,
    written: stale.size,
    differences: [
      ...describe(wrong),
      ...compareDefinitions(manifest, await readDefinitions(target)),
      ...different.map((name) => `view ${name} does not match its query`),
    ],
  };
}

async function findWrongViews(target: Database, definitions: Definitions, views: string[]): Promise<string[]> {
  const { different, unsure } = await compareViews(target, definitions, views);
  // Views that depend on a wrong view are wrong too.
  const wrong = new Set([...different, ...unsure, ...viewsOf(definitions, [...different, ...unsure])]);
  return views.filter((name) => wrong.has(name));
}

/** Changes contain no definitions: the database must have those of the full export. */
function compareDefinitions(manifest: ChangesManifest, definitions: Definitions): string[] {
  const { definitionsDigest, restoredDefinitionsDigest: expected } = manifest;
  // In older recovery points the digest includes the START values of sequences, which a restore raises.
  const known = expected !== undefined || Object.keys(definitions.sequences).length === 0;
  const same =
    expected === undefined ? definitions.digest === definitionsDigest : definitions.restoredDigest === expected;
  return known && !same ? [`definitions differ from the recovery point`] : [];
}

/** First pass: verifies the hash of every part and computes each record's final state. */
async function readStates(
  store: PointStore,
  manifest: ChangesManifest,
  definitions: Definitions,
): Promise<FinalStates> {
  const states = new FinalStates(Object.keys(definitions.tables));
  for (const part of manifest.parts) {
    for await (const changeset of decodeFrames(readPart(store, part))) states.add(changeset);
  }
  return states;
}

function compareStates(manifest: ChangesManifest, states: FinalStates): string[] {
  const found = states.tables();
  const names = [...new Set([...Object.keys(manifest.tables), ...Object.keys(found)])].sort();
  return names.flatMap((name) =>
    JSON.stringify(manifest.tables[name]) === JSON.stringify(found[name])
      ? []
      : [`changes of table ${name} do not match the manifest`],
  );
}

type Records = ReadonlyMap<string, LastState>;

interface Understanding {
  definitions: Definitions;
  /** Records that are not in their final state. */
  stale: Records;
}

/** Second pass: writes each record's final state, in the order of the source. */
async function applyLastStates(
  store: PointStore,
  manifest: ChangesManifest,
  target: Database,
  { definitions, stale }: Understanding,
): Promise<void> {
  let conflicting: Change[] = [];
  let batch: Change[] = [];
  const flush = async () => {
    conflicting.push(...(await applyBatch(target, definitions, batch)));
    batch = [];
  };
  let position = 0;
  for (const part of manifest.parts) {
    for await (const { changes } of decodeFrames(readPart(store, part))) {
      for (const entry of changes) {
        const change = readChange(entry);
        if (change.kind !== "definition" && stale.get(change.key)?.position === position) batch.push(change);
        position++;
        if (batch.length >= batchSize) await flush();
      }
    }
  }
  await flush();
  while (conflicting.length > 0) {
    // Each conflicts with a record that has not released its unique value yet.
    const before = conflicting.length;
    conflicting = await applyBatch(target, definitions, conflicting);
    if (conflicting.length === before) return applyWithoutIndexes(target, definitions, conflicting);
  }
}

const uniqueConflict = /Database index `(.+)` already contains/;

/** Applies changes; returns those rejected by a unique index. */
async function applyBatch(target: Database, definitions: Definitions, changes: Change[]): Promise<Change[]> {
  if (changes.length === 0) return [];
  const statements = changes.map((change, index) => statementOf(change, index, definitions)).join("\n");
  const variables = Object.fromEntries(changes.flatMap((change, index) => variablesOf(change, index)));
  // One transaction is ten times faster; separate statements identify the rejected ones.
  const together = await target.attempt(`OPTION IMPORT; BEGIN;\n${statements}\nCOMMIT;`, variables);
  if (together.every(({ ok }) => ok)) return [];
  const outcomes = await target.attempt(`OPTION IMPORT;\n${statements}`, variables);
  // OPTION has an outcome too.
  const own = outcomes.slice(-changes.length);
  return changes.filter((change, index) => {
    const outcome = own[index] as StatementResult;
    if (outcome.ok) return false;
    if (uniqueConflict.test(outcome.error)) return true;
    const what = "table" in change ? change.table : "a record";
    throw new QueryError(`change of ${what} was rejected: ${outcome.error}`, isBusyAnswer(outcome.error));
  });
}

function statementOf(change: Change, index: number, definitions: Definitions): string {
  if (change.kind === "deleted") return `DELETE $id${index} RETURN NONE;`;
  if (!definitions.tables[change.table]?.relation) return `UPSERT $id${index} CONTENT $body${index} RETURN NONE;`;
  const update = `UPDATE $id${index} CONTENT $body${index} RETURN NONE`;
  return `IF record::exists($id${index}) { ${update} } ELSE { INSERT RELATION $body${index} RETURN NONE };`;
}

function variablesOf(change: Change, index: number): [string, Value][] {
  if (change.kind === "definition") return [];
  const id: [string, Value] = [`id${index}`, change.id];
  return change.kind === "deleted" ? [id] : [id, [`body${index}`, change.record]];
}

/** Records that exchanged unique values block each other, so their indexes are dropped temporarily. */
async function applyWithoutIndexes(target: Database, definitions: Definitions, changes: Change[]): Promise<void> {
  const tables = [...new Set(changes.flatMap((change) => ("table" in change ? change.table : [])))];
  await withoutUniqueIndexes(target, definitions, tables, async () => {
    const refused = await applyBatch(target, definitions, changes);
    if (refused.length > 0) throw new QueryError(`${refused.length} changes were rejected even without unique indexes`);
  });
}

/** Reads the records back; returns those that are not in their final state. */
async function findStale(target: Database, definitions: Definitions, records: Records): Promise<Records> {
  const stale = new Map<string, LastState>();
  const entries = [...records];
  for (let from = 0; from < entries.length; from += batchSize) {
    const batch = entries.slice(from, from + batchSize);
    const found = await readRecords(
      target,
      definitions,
      batch.map(([key]) => key),
    );
    for (const [key, state] of batch) if ((found.get(key) ?? "deleted") !== state.digest) stale.set(key, state);
  }
  return stale;
}

function describe(wrong: Records): string[] {
  const lines = [...wrong]
    .slice(0, 20)
    .map(([key, { table }]) => `a record of table ${table} (${readable(key)}) differs`);
  return wrong.size > lines.length ? [...lines, `and ${wrong.size - lines.length} more records`] : lines;
}

/** Digests of existing records, by key. */
async function readRecords(target: Database, definitions: Definitions, keys: string[]): Promise<Map<string, string>> {
  const ids = keys.map((key) => decode(Buffer.from(key, "base64")));
  const [rows] = await target.query("SELECT * FROM $ids", { ids });
  return new Map(
    (rows as Fields[]).map((row) => {
      const change = readChange({ update: row });
      if (change.kind !== "record") throw new Error("a record has no id");
      const stored = { ...row };
      for (const field of definitions.tables[change.table]?.computedFields ?? []) delete stored[field];
      return [change.key, recordDigest(stored)];
    }),
  );
}

function readable(key: string): string {
  const text = Buffer.from(key, "base64").toString("latin1");
  return text.replaceAll(/[^\x20-\x7e]+/g, " ").trim();
}
