/**
 * Brings a database from one recovery point to the next: each record that the
 * changes touched gets its last state, and is read back and compared.
 *
 * Only last states are written. A point may repeat changes that the database
 * has already (points overlap); going back to an older state on the way could
 * break a unique index, the last states together cannot.
 */
import { decode, type Fields, type Value } from "../database/cbor.ts";
import { isBusyAnswer, QueryError, type Database, type StatementResult } from "../database/client.ts";
import { readDefinitions, type Definitions } from "../database/definitions.ts";
import { readChange, type Change } from "../database/feed.ts";
import { decodeFrames, FinalStates, recordDigest, type LastState } from "../points/changes.ts";
import type { ChangesManifest } from "../points/manifest.ts";
import { readPart } from "../points/parts.ts";
import type { PointStore } from "../points/store.ts";
import { putIndexesBack, readAside, withoutUniqueIndexes } from "./indexes.ts";
import { compareViews, rebuildViews, viewsOf } from "./views.ts";

/** Statements in one request. */
const batchSize = 250;

export interface Replayed {
  changes: number;
  /** Records that the changes touched, and how many of them were not in their last state already. */
  touched: number;
  written: number;
  /** What is not as the recovery point says; none: the database is at that point. */
  differences: string[];
}

/**
 * Applies one change point; `beforeWriting` is called when it is certain that something must be written. What there is
 * to do follows from what the database holds, not from what an earlier run, which may have been killed, had done.
 */
export async function replayChanges(
  store: PointStore,
  manifest: ChangesManifest,
  target: Database,
  beforeWriting: () => Promise<void> = async () => undefined,
): Promise<Replayed> {
  const definitions = await readDefinitions(target);
  const states = await readStates(store, manifest, definitions);
  const aside = await readAside(target);
  const differences = [
    ...compareStates(manifest, states),
    ...(aside.length > 0 ? [] : compareDefinitions(manifest, definitions)),
  ];
  const replayed = { changes: manifest.changes, touched: states.records.size, written: 0, differences };
  // Nothing has been touched yet: a part that does not fit its manifest must not spoil the database.
  if (differences.length > 0) return replayed;
  const stale = await findStale(target, definitions, states.records);
  const tables = new Set([...states.records.values()].map(({ table }) => table));
  const views = viewsOf(definitions, tables);
  const wrongViews = stale.size > 0 ? views : await findWrongViews(target, definitions, views);
  if (stale.size === 0 && aside.length === 0 && wrongViews.length === 0) return replayed;
  await beforeWriting();
  await applyLastStates(store, manifest, target, { definitions, stale });
  await putIndexesBack(target);
  await rebuildViews(target, definitions, wrongViews);
  const wrong = await findStale(target, definitions, stale);
  const { different } = await compareViews(target, definitions, wrongViews);
  return {
    ...replayed,
    written: stale.size,
    differences: [
      ...describe(wrong),
      ...compareDefinitions(manifest, await readDefinitions(target)),
      ...different.map((name) => `view ${name} does not hold what its query gives`),
    ],
  };
}

async function findWrongViews(target: Database, definitions: Definitions, views: string[]): Promise<string[]> {
  const { different, unsure } = await compareViews(target, definitions, views);
  // A view may depend on one that is wrong.
  const wrong = new Set([...different, ...unsure, ...viewsOf(definitions, [...different, ...unsure])]);
  return views.filter((name) => wrong.has(name));
}

/** Changes do not change definitions: the database must have those of the full export. */
function compareDefinitions(manifest: ChangesManifest, definitions: Definitions): string[] {
  const { definitionsDigest, restoredDefinitionsDigest: expected } = manifest;
  // In an older point the digest covers where sequences start, which a restore changes.
  const known = expected !== undefined || Object.keys(definitions.sequences).length === 0;
  const same =
    expected === undefined ? definitions.digest === definitionsDigest : definitions.restoredDigest === expected;
  return known && !same ? [`definitions are not those of the recovery point`] : [];
}

/** First reading: checks every part's hash and finds each record's last state. */
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
      : [`changes of table ${name} are not what the manifest says`],
  );
}

type Records = ReadonlyMap<string, LastState>;

interface Understanding {
  definitions: Definitions;
  /** Records that are not in their last state. */
  stale: Records;
}

/** Second reading: writes each record's last state, in the order in which the source came to it. */
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
    // Each waits for another record to give a unique value free.
    const before = conflicting.length;
    conflicting = await applyBatch(target, definitions, conflicting);
    if (conflicting.length === before) return applyWithoutIndexes(target, definitions, conflicting);
  }
}

const uniqueConflict = /Database index `(.+)` already contains/;

/** Applies changes; gives those that a unique index refused. */
async function applyBatch(target: Database, definitions: Definitions, changes: Change[]): Promise<Change[]> {
  if (changes.length === 0) return [];
  const statements = changes.map((change, index) => statementOf(change, index, definitions)).join("\n");
  const variables = Object.fromEntries(changes.flatMap((change, index) => variablesOf(change, index)));
  // One commit for all is ten times faster; one each tells which of them is refused.
  const together = await target.attempt(`OPTION IMPORT; BEGIN;\n${statements}\nCOMMIT;`, variables);
  if (together.every(({ ok }) => ok)) return [];
  const outcomes = await target.attempt(`OPTION IMPORT;\n${statements}`, variables);
  // The option itself has an outcome too.
  const own = outcomes.slice(-changes.length);
  return changes.filter((change, index) => {
    const outcome = own[index] as StatementResult;
    if (outcome.ok) return false;
    if (uniqueConflict.test(outcome.error)) return true;
    const what = "table" in change ? change.table : "a record";
    throw new QueryError(`change of ${what} was refused: ${outcome.error}`, isBusyAnswer(outcome.error));
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

/** Records that exchanged unique values block each other: their indexes stand aside for a moment. */
async function applyWithoutIndexes(target: Database, definitions: Definitions, changes: Change[]): Promise<void> {
  const tables = [...new Set(changes.flatMap((change) => ("table" in change ? change.table : [])))];
  await withoutUniqueIndexes(target, definitions, tables, async () => {
    const refused = await applyBatch(target, definitions, changes);
    if (refused.length > 0) throw new QueryError(`${refused.length} changes were refused even without unique indexes`);
  });
}

/** Records that are not in their last state, as read from the database. */
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
  return wrong.size > lines.length ? [...lines, `and ${wrong.size - lines.length} records more`] : lines;
}

/** Digests of the records that exist, by key. */
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
