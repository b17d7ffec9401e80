/**
 * The restore test: takes the newest recovery point of a bucket, restores it
 * into a scratch database and compares everything, and leaves evidence.
 */
import { openServer } from "./database/open-server.ts";
import { metrics } from "../plan/names.ts";
import { redefineAccesses } from "./database/accesses.ts";
import { Database, identifier } from "./database/client.ts";
import { restoreEvidenceKey, type Evidence } from "./evidence.ts";
import { publish } from "./metrics.ts";
import type { ChangesManifest, FullManifest } from "./points/manifest.ts";
import { PointStore } from "./points/store.ts";
import { findTrueChain, newestTrueFull } from "./points/truth.ts";
import { untilReachable } from "./prepare-database.ts";
import { importFull } from "./restore/import.ts";
import { replayChanges } from "./restore/replay.ts";
import { findDifferences } from "./restore/verify.ts";
import { JobFailure, messageOf, secondsSince, succeeded, type JobContext, type Result } from "./result.ts";
import { readAccessKeys } from "./secrets.ts";
import type { Settings } from "./settings.ts";

type VerifySettings = Settings<"restore-verify">;

export async function runRestoreVerify(settings: VerifySettings, context: JobContext): Promise<Result> {
  const limits = { timeoutSeconds: settings.AWS_TIMEOUT_SECONDS, signal: context.signal };
  const store = new PointStore({ bucket: settings.BUCKET, region: settings.BUCKET_REGION, ...limits });
  const own = { bucket: settings.EVIDENCE_BUCKET, region: settings.EVIDENCE_BUCKET_REGION };
  const evidenceStore = new PointStore({ ...own, ...limits });
  try {
    const evidence = await test(store, settings, context);
    await evidenceStore.putJson(restoreEvidenceKey(new Date()), evidence);
    if (!evidence.verified) throw new JobFailure(`restored, but: ${evidence.differences.join("; ")}`, { ...evidence });
    await publish(settings, metrics.restoreVerified, 1, "Count", context);
    return succeeded({ ...evidence });
  } catch (error) {
    // With a signal of its own: a test that was ended has failed too, and that must still be told.
    const telling = { ...context, signal: new AbortController().signal };
    await publish(settings, metrics.restoreVerified, 0, "Count", telling);
    throw error;
  } finally {
    await Promise.all([store.close(), evidenceStore.close()]);
  }
}

async function test(store: PointStore, settings: VerifySettings, context: JobContext): Promise<Evidence> {
  const writer = await store.writer();
  const full = await newestTrueFull(store, writer);
  if (!full) throw new Error(`there is no recovery point in ${store.bucket}`);
  const chain = await findTrueChain(store, full, writer);
  context.log(`testing full point ${full.slot} of ${store.bucket} with ${chain.length} change points after it`);
  const scratch = scratchServer(settings, context);
  await untilReachable(scratch, settings.PREPARE_TIMEOUT_SECONDS, context);
  await scratch.query(`DEFINE NAMESPACE IF NOT EXISTS ${identifier(settings.DATABASE_NAMESPACE)}`);
  const target = scratch.other(`verify${full.slot}`);
  await scratch.query(`REMOVE DATABASE IF EXISTS ${identifier(target.name)}`);
  try {
    return await restore(store, target, { full, chain }, settings, context);
  } finally {
    await scratch.query(`REMOVE DATABASE IF EXISTS ${identifier(target.name)}`).catch(() => undefined);
  }
}

interface Points {
  full: FullManifest;
  chain: ChangesManifest[];
}

async function restore(
  store: PointStore,
  target: Database,
  { full, chain }: Points,
  settings: VerifySettings,
  context: JobContext,
): Promise<Evidence> {
  const differences: string[] = [];
  const seconds: Record<string, number> = {};
  /** A step that cannot be done is a difference like any other; the steps after it make no sense then. */
  const step = async (name: string, work: () => Promise<string[]>): Promise<void> => {
    if (differences.length > 0) return;
    const startedAt = performance.now();
    try {
      differences.push(...(await work()));
    } catch (error) {
      context.signal.throwIfAborted();
      differences.push(`${name}: ${messageOf(error)}`);
    }
    seconds[name] = secondsSince(startedAt);
  };
  await step("import", async () => {
    await importFull(store, full, target, importOptions(settings, context));
    return [];
  });
  await step("compare", () => findDifferences(target, full));
  let reached: Points["full"] | ChangesManifest = full;
  for (const point of chain) {
    await step(`changes ${point.slot}`, async () => (await replayChanges(store, point, target)).differences);
    if (differences.length === 0) reached = point;
  }
  await step("accesses", () => testAccesses(target, settings, context));
  return describe(full, reached, { differences, seconds }, settings);
}

/** Access keys are not in a recovery point: without them in the secret store a restore is useless. */
async function testAccesses(target: Database, settings: VerifySettings, context: JobContext): Promise<string[]> {
  const { ACCESS_KEYS_SECRET_ID } = settings;
  if (ACCESS_KEYS_SECRET_ID === undefined) return [];
  const keys = await readAccessKeys({ ...settings, ACCESS_KEYS_SECRET_ID }, context.signal);
  await redefineAccesses(target, keys);
  return [];
}

function describe(
  full: FullManifest,
  reached: FullManifest | ChangesManifest,
  { differences, seconds }: Pick<Evidence, "differences" | "seconds">,
  settings: VerifySettings,
): Evidence {
  const tables = Object.entries(full.tables).map(([name, { rows }]) => [name, { rows }] as const);
  return {
    by: "restore-verify",
    site: settings.SITE,
    kind: reached.kind,
    slot: reached.slot,
    full: full.slot,
    epoch: reached.writer.epoch,
    snapshotAt: reached.snapshotAt,
    verifiedAt: new Date().toISOString(),
    verified: differences.length === 0,
    differences,
    rows: full.rows,
    tables: Object.fromEntries(tables),
    seconds,
    bucket: settings.BUCKET,
  };
}

function scratchServer(settings: VerifySettings, context: JobContext): Database {
  return openServer(settings.SCRATCH_DATABASE_URL ?? `http://${settings.POD_IP}:8000`, settings, context);
}

export function importOptions(
  settings: Pick<VerifySettings, "IMPORT_CHUNK_BYTES" | "INDEX_TIMEOUT_SECONDS">,
  context: JobContext,
) {
  const { IMPORT_CHUNK_BYTES, INDEX_TIMEOUT_SECONDS } = settings;
  return { chunkBytes: IMPORT_CHUNK_BYTES, indexTimeoutSeconds: INDEX_TIMEOUT_SECONDS, signal: context.signal };
}
