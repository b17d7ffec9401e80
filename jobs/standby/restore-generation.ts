/** Imports full exports as generations and advances them; each state is verified before it is used. */
import { metrics, standbyEvidenceKey } from "../../contract/index.ts";
import { missingKeys, redefineAccesses, type AccessKeys } from "../database/accesses.ts";
import type { Database } from "../database/client.ts";
import { advanceSequences, sequenceReserve } from "../database/sequences.ts";
import type { Evidence } from "../evidence.ts";
import { publish } from "../metrics.ts";
import { aboutContent, ContentError } from "../points/failures.ts";
import type { ChangesManifest, FullManifest, Manifest } from "../points/manifest.ts";
import type { Point } from "../points/point.ts";
import type { PointStore } from "../points/store.ts";
import { importFull, importOptions } from "../restore/import.ts";
import { replayChanges } from "../restore/replay.ts";
import { findDifferences } from "../restore/verify.ts";
import { messageOf, timed, type JobContext } from "../result.ts";
import type { Settings } from "../settings.ts";
import { dropGeneration, generationName, saveGeneration, type Generation } from "./generations.ts";
import { quarantinePoint } from "./quarantine.ts";

export interface RestoreArgs {
  server: Database;
  store: PointStore;
  evidence: PointStore;
  keys: () => Promise<Record<string, AccessKeys>>;
  settings: Settings<"standby-sync">;
  context: JobContext;
  /** Called with the slot of the recovery point being imported or applied; undefined: done. */
  onProgress: (slot: string | undefined) => void;
  /** Called with the slot of each verified recovery point. */
  onVerified: (slot: string) => void;
}

/** The content of a recovery point is invalid; nothing else was affected. */
export class BadPoint extends Error {
  readonly point: Point;
  constructor(point: Point, error: ContentError) {
    super(`${point.kind} point ${point.slot}: ${error.message}`, { cause: error });
    this.point = point;
  }
}

/** Imports a full export as a new generation. */
export async function importGeneration(
  args: RestoreArgs,
  full: Point,
  known: readonly Generation[],
): Promise<Generation> {
  const { server, store, settings, context } = args;
  args.onProgress(full.slot);
  // Read first: without the keys the import would be wasted. A missing key may still be added.
  const keys = await args.keys();
  const manifest = await attributeToPoint(args, full, () => manifestOf(store, "full", full.slot));
  const missing = missingKeys(manifest.keyedAccesses ?? [], keys);
  if (missing.length > 0)
    throw new Error(`full recovery point ${full.slot} cannot be imported yet: ${missing.join("; ")}`);
  const name = generationName(full.slot, known);
  const { rows, tables } = describeTables(manifest);
  const point = { ...atPoint(manifest), full: full.slot, evidence: "", rows, tables };
  const generation: Generation = { name, ...point, state: "importing" };
  context.log(`importing full recovery point ${full.slot} with ${rows} rows`);
  await dropGeneration(server, name);
  await saveGeneration(server, generation);
  const target = server.other(name);
  const seconds: Record<string, number> = {};
  try {
    await attributeToPoint(args, full, async () => {
      await timed(seconds, "import", () => importFull(store, manifest, target, importOptions(settings, context)));
      refuse(await timed(seconds, "compare", () => findDifferences(target, manifest)));
      await timed(seconds, "sequences", () =>
        advanceSequences(target, manifest.sequences, sequenceReserve(settings, manifest.snapshotAt)),
      );
    });
    await timed(seconds, "accesses", () => redefineAccesses(target, keys));
  } catch (error) {
    await drop(args, generation, error);
    throw error;
  }
  await recordVerified(args, generation, manifest, seconds);
  return generation;
}

/** Applies changes to a generation, each verified before the next. */
export async function continueGeneration(
  args: RestoreArgs,
  generation: Generation,
  points: readonly Point[],
): Promise<void> {
  const { server, store, settings, context } = args;
  const target = server.other(generation.name);
  const markApplying = () => saveGeneration(server, Object.assign(generation, { state: "applying" }));
  for (const point of points) {
    args.onProgress(point.slot);
    const seconds: Record<string, number> = {};
    try {
      const { manifest, written } = await attributeToPoint(args, point, async () => {
        const found = await manifestOf(store, "changes", point.slot);
        const replayed = await timed(seconds, "apply", () => replayChanges(store, found, target, markApplying));
        refuse(replayed.differences);
        await advanceSequences(target, found.sequences, sequenceReserve(settings, found.snapshotAt));
        return { manifest: found, written: replayed.written };
      });
      context.log(`applied changes ${point.slot}: ${written} records`);
      await recordVerified(args, generation, manifest, seconds);
    } catch (error) {
      // Writes of a bad recovery point cannot be undone; a generation without writes is kept.
      if (error instanceof BadPoint && generation.state === "applying") await dropCorrupted(args, generation, error);
      throw error;
    }
  }
}

/** Records the verified state of a generation, first in the database, then as evidence. */
export async function recordVerified(
  args: RestoreArgs,
  generation: Generation,
  point: Manifest | undefined,
  seconds: Record<string, number>,
): Promise<void> {
  const { server, settings, context } = args;
  Object.assign(generation, point ? atPoint(point) : {}, { state: "verified" });
  await saveGeneration(server, generation);
  await args.evidence.putJson(standbyEvidenceKey(generation.slot), evidenceOf(generation, seconds, settings));
  await saveGeneration(server, Object.assign(generation, { evidence: generation.slot }));
  args.onVerified(generation.slot);
  args.onProgress(undefined);
  await publish(settings, metrics.standbySynced, 1, "Count", context);
}

async function attributeToPoint<T>({ context }: RestoreArgs, point: Point, work: () => Promise<T>): Promise<T> {
  try {
    return await aboutContent(context.signal, work);
  } catch (error) {
    throw error instanceof ContentError ? new BadPoint(point, error) : error;
  }
}

async function manifestOf<Kind extends Manifest["kind"]>(store: PointStore, kind: Kind, slot: string) {
  const found = kind === "full" ? await store.manifest("full", slot) : await store.manifest("changes", slot);
  if (!found) throw new ContentError("its manifest was removed during the import");
  return found as Extract<Manifest, { kind: Kind }>;
}

function refuse(differences: string[]): void {
  if (differences.length > 0) throw new ContentError(differences.join("; "));
}

/** Recorded first: a run killed in between must not try the recovery point on another generation. */
async function dropCorrupted(args: RestoreArgs, generation: Generation, error: BadPoint): Promise<void> {
  const { key, version } = error.point;
  await quarantinePoint(args.server, { key, version, reason: messageOf(error.cause) }).catch((reason: unknown) =>
    args.context.log(messageOf(reason)),
  );
  await drop(args, generation, error);
}

async function drop({ server, context }: RestoreArgs, generation: Generation, error: unknown): Promise<void> {
  if (context.signal.aborted) return; // the next run drops or continues it
  context.log(`dropping generation ${generation.name}: ${messageOf(error)}`);
  // If the database is unreachable, the next run drops it.
  await dropGeneration(server, generation.name).catch((reason: unknown) => context.log(messageOf(reason)));
}

const atPoint = ({ kind, slot, snapshotAt, sequences, writer }: FullManifest | ChangesManifest) => ({
  site: writer.site,
  epoch: writer.epoch,
  kind,
  slot,
  snapshotAt,
  sequences,
});

function describeTables({ rows, tables }: FullManifest) {
  const counts = Object.entries(tables).map(([name, table]) => [name, { rows: table.rows }] as const);
  return { rows, tables: Object.fromEntries(counts) };
}

function evidenceOf(
  { kind, slot, full, epoch, snapshotAt, rows = 0, tables = {} }: Generation,
  seconds: Record<string, number>,
  settings: Settings<"standby-sync">,
): Evidence {
  return {
    by: "standby-sync",
    site: settings.SITE,
    kind,
    slot,
    full,
    epoch,
    snapshotAt,
    verifiedAt: new Date().toISOString(),
    verified: true,
    differences: [],
    rows,
    tables,
    seconds,
    bucket: settings.BUCKET,
  };
}
