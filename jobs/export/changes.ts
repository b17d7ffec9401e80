/**
 * Exports the changes since the last recovery point. Where changes alone would leave a gap in the chain, a full export
 * is made instead, with the reason in the result.
 */
import { kubernetesNames, metrics } from "../../contract/index.ts";
import {
  namesWithoutFeed,
  readDefinitions,
  shortestFeedSeconds,
  withoutViews,
  type Definitions,
} from "../database/definitions.ts";
import { readChange, readFeed, type Changeset } from "../database/feed.ts";
import { readSequences } from "../database/sequences.ts";
import { databaseNow, positionOf } from "../database/time.ts";
import { encodeFrame, FinalStates } from "../points/changes.ts";
import { type Catalogue } from "../points/catalogue.ts";
import { readCatalogue } from "../points/read-catalogue.ts";
import { formatVersion, type ChangesManifest, type FullManifest, type Part } from "../points/manifest.ts";
import { writePart } from "../points/parts.ts";
import type { Point, Refusal } from "../points/point.ts";
import { slotOf } from "../points/slot.ts";
import { manifestKey, pointPrefix } from "../points/store.ts";
import { publish } from "../metrics.ts";
import { JobFailure, messageOf, skipped, succeeded, type Details, type JobContext, type Result } from "../result.ts";
import type { Settings } from "../settings.ts";
import { withAccessKeys } from "./access-keys.ts";
import { findMissingLock } from "./checks.ts";
import {
  compareWithHistory,
  hasPoint,
  openSource,
  originOf,
  recordOf,
  slotOfRun,
  type ExportSource,
} from "./context.ts";
import { countRows, exportFull } from "./full.ts";

/** Changes alone cannot continue the chain. */
export class ChainGap extends Error {}

type ChangeSettings = Settings<"export-changes">;

export async function runExportChanges(settings: ChangeSettings, context: JobContext): Promise<Result> {
  const source = await openSource(settings, context);
  try {
    const slot = slotOfRun(settings, kubernetesNames.changeExportJob);
    const result = (await hasPoint(source, "changes", slot, context))
      ? skipped(`recovery point ${slot} exists already`, { slot })
      : succeeded(await exportChangesOrFull(source, slot, settings, context));
    return await withAccessKeys(source, result, settings, context);
  } finally {
    await source.store.close();
  }
}

/**
 * Exports the changes of a slot, or a full recovery point where changes cannot continue the chain; returns the details
 * for the result line.
 */
export async function exportChangesOrFull(
  source: ExportSource,
  slot: string,
  settings: ChangeSettings,
  context: JobContext,
): Promise<Details> {
  try {
    return await exportChanges(source, slot, settings, context);
  } catch (error) {
    if (!(error instanceof ChainGap)) throw error;
    context.log(`full export instead of changes: ${error.message}`);
    // A new slot: a full export may already exist under this one, and be the cause of the gap.
    const full = await exportFull(source, slotOf(new Date()), settings, context);
    const metricPublished = await publish(settings, metrics.changeExportSucceeded, 1, "Count", context);
    return { ...full, gap: error.message, metricPublished };
  }
}

async function exportChanges(
  source: ExportSource,
  slot: string,
  settings: ChangeSettings,
  context: JobContext,
): Promise<Details> {
  const { database, store } = source;
  const definitions = await readDefinitions(database);
  const sequences = await readSequences(database, definitions);
  const snapshotAt = await databaseNow(database);
  const rowCounts = await countRows(database, withoutViews(definitions));
  const base = await findParent(source, { settings, definitions, now: snapshotAt }, context);
  const from = positionOf(new Date(Date.parse(base.parent.snapshotAt) - settings.CHANGES_OVERLAP_SECONDS * 1000));
  const states = new FinalStates(Object.keys(definitions.tables));
  const written = await writeChanges(source, slot, { from, after: base.toVersionstamp, states, snapshotAt }, settings);
  const after = await readDefinitions(database);
  if (after.digest !== definitions.digest) throw new ChainGap("definitions changed while the feed was read");
  const snapshot = { kind: "changes", slot, snapshotAt, rows: rowCounts, sequences } as const;
  const { fields, undecided } = await compareWithHistory(source, snapshot, settings, context);
  const encryption = written.part ? await checkLock(source, written.part, settings) : base.full.encryption;
  const manifest: ChangesManifest = {
    format: formatVersion,
    kind: "changes",
    slot,
    full: base.full.slot,
    parent: { kind: base.parent.kind, slot: base.parent.slot },
    snapshotAt: snapshotAt.toISOString(),
    finishedAt: new Date().toISOString(),
    ...(await originOf(source, settings)),
    fromVersionstamp: String(from),
    toVersionstamp: String(written.to),
    definitionsDigest: definitions.digest,
    restoredDefinitionsDigest: definitions.restoredDigest,
    parts: written.part ? [written.part] : [],
    tables: written.states.tables(),
    changesets: written.changesets,
    changes: written.changes,
    rowCounts,
    tablesWithoutFeed: namesWithoutFeed(definitions),
    ...fields,
    encryption,
  };
  await store.putJson(manifestKey("changes", slot), manifest);
  const metricPublished = await publish(settings, metrics.changeExportSucceeded, 1, "Count", context);
  await publish(settings, metrics.suspiciousRecoveryPoints, undecided, "Count", context);
  return { ...report(manifest), refused: base.refused, metricPublished };
}

interface Base {
  full: FullManifest;
  parent: FullManifest | ChangesManifest;
  /** Newest changefeed position in the chain. */
  toVersionstamp: bigint;
  /** Objects in the bucket that cannot be used. */
  refused: Refusal[];
}

/** Finds the recovery point that these changes continue; throws ChainGap if there is none. */
async function findParent(
  source: ExportSource,
  { settings, definitions, now }: { settings: ChangeSettings; definitions: Definitions; now: Date },
  context: JobContext,
): Promise<Base> {
  const { database, store, state } = source;
  const feedSeconds = shortestFeedSeconds(definitions);
  if (feedSeconds === undefined) throw new ChainGap("no table has a changefeed");
  const catalogue = await readCatalogue({ store, writer: recordOf(source, settings), signal: context.signal });
  for (const { key, reason } of catalogue.refused) context.log(`refused ${key}: ${reason}`);
  const chain = findChain(catalogue);
  const full = chain && (await store.manifest("full", chain.full.slot));
  if (!full) throw new ChainGap("there is no full export to build on");
  if (full.writer.site !== settings.SITE || full.writer.epoch !== state.epoch || full.database.name !== database.name) {
    throw new ChainGap(`the newest full export ${full.slot} was written by another site, epoch or database`);
  }
  if (full.definitions.digest !== definitions.digest) {
    throw new ChainGap(`definitions have changed since full export ${full.slot}`);
  }
  const { end } = chain;
  const parent = end.kind === "full" ? full : await store.manifest("changes", end.slot);
  if (!parent) throw new ChainGap(`the last recovery point ${end.slot} has been removed`);
  const ageSeconds = (now.getTime() - Date.parse(parent.snapshotAt)) / 1000;
  if (ageSeconds < 0) throw new ChainGap(`the database's clock is behind the last recovery point ${parent.slot}`);
  if (ageSeconds + settings.CHANGES_OVERLAP_SECONDS >= feedSeconds) {
    throw new ChainGap(
      `the last recovery point is ${Math.round(ageSeconds)} s old, but the changefeed retains only ${feedSeconds} s`,
    );
  }
  const toVersionstamp = BigInt(parent.kind === "full" ? parent.feedPosition : parent.toVersionstamp);
  return { full, parent, toVersionstamp, refused: catalogue.refused };
}

/** The newest full export and the end of its chain; throws ChainGap if changes must not continue it. */
function findChain(catalogue: Catalogue): { full: Point; end: Point } | undefined {
  const [full] = catalogue.fulls(() => true);
  if (!full) return undefined;
  const points = [full, ...catalogue.chain(full, () => true)];
  const end = points.at(-1) ?? full;
  // Its changefeed positions are ahead of the present, so a feed read up to now would miss changes.
  const ahead = catalogue.future.find(({ storedAt }) => storedAt && end.storedAt && storedAt > end.storedAt);
  if (ahead) throw new ChainGap(`the clock was ahead when recovery point ${ahead.slot} was exported`);
  const rejected = points.find((point) => catalogue.mark(point) === "rejected");
  if (rejected && end.suspicious === undefined) {
    throw new ChainGap(`it would build on the rejected ${rejected.kind} recovery point ${rejected.slot}`);
  }
  return { full, end };
}

interface Written {
  states: FinalStates;
  changesets: number;
  changes: number;
  to: bigint;
  part: Part | undefined;
}

/** Uploads the changefeed while reading it; uploads nothing if nothing changed. */
async function writeChanges(
  { database, store }: ExportSource,
  slot: string,
  { from, after, states, snapshotAt }: { from: bigint; after: bigint; states: FinalStates; snapshotAt: Date },
  settings: ChangeSettings,
): Promise<Written> {
  const written: Written = { states, changesets: 0, changes: 0, to: after, part: undefined };
  const feed = readFeed(database, from, { pageSize: settings.CHANGES_PAGE_SIZE, enough: snapshotAt })[
    Symbol.asyncIterator
  ]();
  const first = await feed.next();
  if (first.done) return written;
  async function* frames(): AsyncIterable<Buffer> {
    for (let item = first; !item.done; item = await feed.next()) {
      refuseDefinitions(item.value, after);
      written.states.add(item.value);
      written.changesets++;
      written.changes += item.value.changes.length;
      if (item.value.versionstamp > written.to) written.to = item.value.versionstamp;
      yield encodeFrame(item.value);
    }
  }
  try {
    written.part = await writePart(store, pointPrefix("changes", slot), frames(), settings.COMPRESSION_LEVEL);
  } catch (error) {
    const gap = error instanceof ChainGap ? error : (error as Error).cause;
    throw gap instanceof ChainGap ? gap : new Error(`cannot upload changes: ${messageOf(error)}`, { cause: error });
  }
  return written;
}

/** A table defined since the parent may have replaced another of the same name. */
function refuseDefinitions({ versionstamp, changes }: Changeset, after: bigint): void {
  if (versionstamp <= after) return;
  for (const entry of changes) {
    const change = readChange(entry);
    if (change.kind === "definition") throw new ChainGap(`table ${change.table} was redefined`);
  }
}

async function checkLock({ store }: ExportSource, part: Part, settings: ChangeSettings) {
  const facts = await store.facts(part.key);
  const problems = findMissingLock(facts.lockedUntil, settings.RETENTION_DAYS, new Date());
  if (problems.length > 0) throw new JobFailure(`not a recovery point: ${problems.join("; ")}`, { problems });
  return facts.encryption;
}

const report = (manifest: ChangesManifest): Details => ({
  slot: manifest.slot,
  kind: manifest.kind,
  full: manifest.full,
  parent: manifest.parent,
  snapshotAt: manifest.snapshotAt,
  changesets: manifest.changesets,
  changes: manifest.changes,
  bytes: manifest.parts.reduce((sum, part) => sum + part.bytes, 0),
  tablesWithoutFeed: manifest.tablesWithoutFeed,
  suspicious: manifest.suspicious,
});
