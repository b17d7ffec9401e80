/**
 * Makes a full recovery point: one consistent export, compressed, hashed and uploaded as a stream, checked against the
 * database, and made valid by a manifest that is written last.
 */
import { kubernetesNames, metrics } from "../../contract/index.ts";
import { keyedAccesses } from "../database/accesses.ts";
import { identifier, type Database } from "../database/client.ts";
import { namesWithoutFeed, readDefinitions, type Definitions } from "../database/definitions.ts";
import { countDeleted, readFeed } from "../database/feed.ts";
import { readSequences } from "../database/sequences.ts";
import { databaseNow, positionOf } from "../database/time.ts";
import { formatVersion, type FullManifest, type Part } from "../points/manifest.ts";
import { writePart } from "../points/parts.ts";
import { manifestKey, pointPrefix } from "../points/store.ts";
import { ExportSummarizer, totalRows, type ExportSummary } from "../points/summary.ts";
import { publish } from "../metrics.ts";
import { JobFailure, skipped, succeeded, type Details, type JobContext, type Result } from "../result.ts";
import type { Settings } from "../settings.ts";
import {
  findCountDifferences,
  findEmptiness,
  findLoss,
  findMissingLock,
  findMissingTables,
  type Counts,
} from "./checks.ts";
import { compareWithHistory, hasPoint, openSource, originOf, slotOfRun, type ExportSource } from "./context.ts";
import { withAccessKeys } from "./access-keys.ts";
import { rowsOf } from "./history.ts";

export async function runExport(settings: Settings<"export">, context: JobContext): Promise<Result> {
  const source = await openSource(settings, context);
  try {
    const slot = slotOfRun(settings, kubernetesNames.exportJob);
    const result = (await hasPoint(source, "full", slot, context))
      ? skipped(`recovery point ${slot} exists already`, { slot })
      : succeeded(await exportFull(source, slot, settings, context));
    return await withAccessKeys(source, result, settings, context);
  } finally {
    await source.store.close();
  }
}

/** Exports the recovery point of a slot; returns the details for the result line. */
export async function exportFull(
  source: ExportSource,
  slot: string,
  settings: Settings<"export">,
  context: JobContext,
): Promise<Details> {
  const { store } = source;
  const before = await readBefore(source.database);
  const { part, summary } = await uploadExport(source, slot, settings);
  context.log(`uploaded ${part.bytes} bytes with ${totalRows(summary.tables)} rows`);
  const facts = await store.facts(part.key);
  const problems = [
    ...(await judge(source, before, summary, settings)),
    ...findMissingLock(facts.lockedUntil, settings.RETENTION_DAYS, new Date()),
  ];
  if (problems.length > 0) {
    throw new JobFailure(`not a recovery point: ${problems.join("; ")}`, { slot, problems });
  }
  const described = describe(before, summary);
  const snapshot = { kind: "full", slot, rows: rowsOf(described.tables), ...before } as const;
  const { fields, undecided } = await compareWithHistory(source, snapshot, settings, context);
  const manifest: FullManifest = {
    ...described,
    ...fields,
    ...(await originOf(source, settings)),
    slot,
    finishedAt: new Date().toISOString(),
    parts: [part],
    encryption: facts.encryption,
  };
  await store.putJson(manifestKey("full", slot), manifest);
  const metricPublished = await publish(settings, metrics.exportSucceeded, 1, "Count", context);
  await publish(settings, metrics.suspiciousRecoveryPoints, undecided, "Count", context);
  return { ...report(manifest), metricPublished };
}

interface Before {
  definitions: Definitions;
  snapshotAt: Date;
  counts: Counts;
  sequences: FullManifest["sequences"];
}

/** Order matters: an export that starts after `snapshotAt` contains everything written before it. */
async function readBefore(database: Database): Promise<Before> {
  const definitions = await readDefinitions(database);
  const sequences = await readSequences(database, definitions);
  const snapshotAt = await databaseNow(database);
  return { definitions, sequences, snapshotAt, counts: await countRows(database, definitions) };
}

export async function countRows(database: Database, definitions: Definitions): Promise<Counts> {
  const names = Object.keys(definitions.tables);
  if (names.length === 0) return {};
  const sql = names.map((name) => `SELECT count() FROM ${identifier(name)} GROUP ALL;`).join(" ");
  const answers = (await database.query(sql)) as { count?: number }[][];
  return Object.fromEntries(names.map((name, index) => [name, Number(answers[index]?.[0]?.count ?? 0)]));
}

async function uploadExport(
  { database, store }: ExportSource,
  slot: string,
  settings: Settings<"export">,
): Promise<{ part: Part; summary: ExportSummary }> {
  const summarizer = new ExportSummarizer();
  async function* summarized(stream: AsyncIterable<Buffer>) {
    for await (const chunk of stream) {
      summarizer.push(chunk);
      yield chunk;
    }
  }
  const stream = summarized(await database.export());
  const part = await writePart(store, pointPrefix("full", slot), stream, settings.COMPRESSION_LEVEL);
  return { part, summary: summarizer.finish() };
}

async function judge(
  { database }: ExportSource,
  before: Before,
  summary: ExportSummary,
  settings: Settings<"export">,
): Promise<string[]> {
  const definitions = await readDefinitions(database);
  const [first, second] = [Object.keys(before.definitions.tables), Object.keys(definitions.tables)];
  const lasting = first.filter((name) => second.includes(name));
  const after = await countRows(database, definitions);
  let different = findCountDifferences(summary, before.counts, after);
  if (different.length > 0) {
    const deleted = await deletedSince(database, before.snapshotAt);
    different = findCountDifferences(summary, before.counts, after, deleted);
  }
  const floor = { countFloorRatio: settings.MINIMUM_ROWS_RATIO, guardRows: settings.LOSS_GUARD_ROWS };
  return [
    ...findEmptiness(summary),
    ...findMissingTables(lasting, [...first, ...second], summary),
    ...different,
    ...findLoss(summary, before.counts, after, floor),
  ];
}

/** Records deleted per table since a moment; read only if the counts disagree. */
async function deletedSince(database: Database, since: Date): Promise<Record<string, number>> {
  const options = { pageSize: 1000, enough: await databaseNow(database) };
  return countDeleted(readFeed(database, positionOf(since), options));
}

function describe(before: Before, summary: ExportSummary) {
  const { definitions, snapshotAt } = before;
  const tables: FullManifest["tables"] = {};
  for (const [name, table] of Object.entries(summary.tables)) {
    const facts = definitions.tables[name];
    tables[name] = { ...table, feed: facts?.feedSeconds !== undefined, view: facts?.view ?? false };
  }
  return {
    format: formatVersion,
    kind: "full" as const,
    parent: null,
    snapshotAt: snapshotAt.toISOString(),
    feedPosition: String(positionOf(snapshotAt)),
    rows: totalRows(tables),
    tables,
    tablesWithoutFeed: namesWithoutFeed(definitions),
    definitions: { digest: definitions.digest, sections: summary.sections, leftOut: definitions.leftOut },
    accesses: Object.keys(definitions.accesses),
    keyedAccesses: keyedAccesses(definitions.accesses),
  } satisfies Partial<FullManifest>;
}

const report = (manifest: FullManifest): Details => ({
  slot: manifest.slot,
  kind: manifest.kind,
  snapshotAt: manifest.snapshotAt,
  rows: manifest.rows,
  tables: Object.keys(manifest.tables).length,
  bytes: manifest.parts.reduce((sum, part) => sum + part.bytes, 0),
  contentBytes: manifest.parts.reduce((sum, part) => sum + part.contentBytes, 0),
  tablesWithoutFeed: manifest.tablesWithoutFeed,
  suspicious: manifest.suspicious,
});
