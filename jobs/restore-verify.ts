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
import { readCatalogue, restorable, type Catalogue } from "./points/catalogue.ts";
import { aboutContent, ContentError, ContentFailures } from "./points/failures.ts";
import type { FullManifest } from "./points/manifest.ts";
import type { Point, Refusal } from "./points/point.ts";
import { PointStore } from "./points/store.ts";
import { untilReachable } from "./prepare-database.ts";
import { importFull } from "./restore/import.ts";
import { replayChanges } from "./restore/replay.ts";
import { findDifferences } from "./restore/verify.ts";
import { JobFailure, succeeded, timed, type Details, type JobContext, type Result } from "./result.ts";
import { readAccessKeys } from "./secrets.ts";
import type { Settings } from "./settings.ts";

type VerifySettings = Settings<"restore-verify">;

export async function runRestoreVerify(settings: VerifySettings, context: JobContext): Promise<Result> {
  const limits = { timeoutSeconds: settings.AWS_TIMEOUT_SECONDS, signal: context.signal };
  const store = new PointStore({ bucket: settings.BUCKET, region: settings.BUCKET_REGION, ...limits });
  const own = { bucket: settings.EVIDENCE_BUCKET, region: settings.EVIDENCE_BUCKET_REGION };
  const evidenceStore = new PointStore({ ...own, ...limits });
  try {
    const result = await testNewest({ store, evidenceStore, settings, context });
    await publish(settings, metrics.restoreVerified, 1, "Count", context);
    return succeeded(result);
  } catch (error) {
    // With a signal of its own: a test that was ended has failed too, and that must still be told.
    const telling = { ...context, signal: new AbortController().signal };
    await publish(settings, metrics.restoreVerified, 0, "Count", telling);
    throw error;
  } finally {
    await Promise.all([store.close(), evidenceStore.close()]);
  }
}

interface TestArgs {
  store: PointStore;
  evidenceStore: PointStore;
  settings: VerifySettings;
  context: JobContext;
}

/** Full exports that are tried until one can be restored. */
const fullsTried = 3;

/**
 * Restores the newest point, or where that is bad the newest one that is good, each with evidence; throws when
 * anything that was tried differed, with everything that it found.
 */
export async function testNewest(args: TestArgs): Promise<Details> {
  const { store, context } = args;
  const failures = new ContentFailures();
  const bad: Refusal[] = [];
  let [tested, refused]: [Tested | undefined, Refusal[]] = [undefined, []];
  for (let tried = 0; tried < fullsTried && !tested?.evidence.verified; tried++) {
    const catalogue = await readCatalogue({ store, writer: await store.writer(), failures, signal: context.signal });
    if (tried === 0) refused = describeRefused(catalogue, context);
    const full = catalogue.fulls(restorable)[0];
    if (!full) break;
    tested = await testPoint(args, full, catalogue);
    bad.push(...tested.bad);
    await keepEvidence(args, tested.evidence, tried);
    if (!tested.isPointBad) break;
    failures.note(full, tested.evidence.differences.join("; "));
  }
  if (!tested) throw new JobFailure(`there is no recovery point in ${store.bucket}`, { refused });
  const { evidence } = tested;
  const result = { ...evidence, refused: [...refused, ...bad] };
  const own = tested.isPointBad ? [] : evidence.differences; // else they are among the bad already
  const problems = [...bad.map(({ key, reason }) => `${key}: ${reason}`), ...own];
  if (bad.length > 0 || !evidence.verified) throw new JobFailure(`restored, but: ${problems.join("; ")}`, result);
  return result;
}

function describeRefused({ refused, waiting }: Catalogue, context: JobContext): Refusal[] {
  for (const { key, reason } of refused) context.log(`refused ${key}: ${reason}`);
  for (const { key, reason } of waiting) context.log(`not complete yet: ${key}: ${reason}`);
  return refused;
}

/** A key of its own for each piece of evidence: slots are a second apart. */
const keepEvidence = ({ evidenceStore }: TestArgs, evidence: Evidence, number: number): Promise<void> =>
  evidenceStore.putJson(restoreEvidenceKey(new Date(Date.now() + number * 1000)), evidence);

interface Tested {
  evidence: Evidence;
  /** Points that could not be restored. */
  bad: Refusal[];
  /** Whether an older full export may do better. */
  isPointBad: boolean;
}

async function testPoint({ store, settings, context }: TestArgs, full: Point, catalogue: Catalogue): Promise<Tested> {
  const chain = catalogue.chain(full, restorable);
  context.log(`testing full point ${full.slot} of ${store.bucket} with ${chain.length} change points after it`);
  const scratch = scratchServer(settings, context);
  await untilReachable(scratch, settings.PREPARE_TIMEOUT_SECONDS, context);
  await scratch.query(`DEFINE NAMESPACE IF NOT EXISTS ${identifier(settings.DATABASE_NAMESPACE)}`);
  const target = scratch.other(`verify${full.slot}`);
  await scratch.query(`REMOVE DATABASE IF EXISTS ${identifier(target.name)}`);
  try {
    return await restore({ store, target, catalogue, settings, context }, [full, ...chain]);
  } finally {
    await scratch.query(`REMOVE DATABASE IF EXISTS ${identifier(target.name)}`).catch(() => undefined);
  }
}

interface RestoreArgs {
  store: PointStore;
  target: Database;
  catalogue: Catalogue;
  settings: VerifySettings;
  context: JobContext;
}

/** Restores a full export and the changes after it, up to the first that is bad. */
async function restore(args: RestoreArgs, [full, ...chain]: [Point, ...Point[]]): Promise<Tested> {
  const { store, target, settings, context } = args;
  const seconds: Record<string, number> = {};
  /** What is wrong with a step's content is a difference; a failure that passes says nothing about it and ends the test. */
  const step = async (name: string, work: () => Promise<string[]>): Promise<string[]> => {
    try {
      return await timed(seconds, name, () => aboutContent(context.signal, work));
    } catch (error) {
      if (error instanceof ContentError) return [`${name}: ${error.message}`];
      throw error;
    }
  };
  let manifest: FullManifest | undefined;
  const differences = await step("import", async () => {
    manifest = await store.manifest("full", full.slot);
    if (!manifest) return ["its manifest has vanished meanwhile"];
    await importFull(store, manifest, target, importOptions(settings, context));
    return [];
  });
  const imported = manifest;
  if (imported && differences.length === 0) {
    differences.push(...(await step("compare", () => findDifferences(target, imported))));
  }
  const isPointBad = differences.length > 0;
  const bad: Refusal[] = isPointBad ? [{ key: full.key, reason: differences.join("; ") }] : [];
  const reached = [full];
  for (const point of isPointBad ? [] : chain) {
    const wrong = await step(`changes ${point.slot}`, () => replay(store, point, target));
    if (wrong.length > 0) bad.push({ key: point.key, reason: wrong.join("; ") });
    if (wrong.length > 0) break; // what follows builds on it
    reached.push(point);
  }
  if (!isPointBad) differences.push(...(await step("accesses", () => testAccesses(target, settings, context))));
  return { evidence: describe(args, reached, imported, { differences, seconds }), bad, isPointBad };
}

async function replay(store: PointStore, { slot }: Point, target: Database): Promise<string[]> {
  const manifest = await store.manifest("changes", slot);
  return manifest
    ? (await replayChanges(store, manifest, target)).differences
    : ["its manifest has vanished meanwhile"];
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
  { catalogue, settings }: Pick<RestoreArgs, "catalogue" | "settings">,
  points: readonly Point[],
  full: FullManifest | undefined,
  { differences, seconds }: Pick<Evidence, "differences" | "seconds">,
): Evidence {
  const reached = points.at(-1) as Point;
  const tables = Object.entries(full?.tables ?? {}).map(([name, { rows }]) => [name, { rows }] as const);
  // It can be restored all the same; whether it is what was wanted, somebody must still decide.
  const suspicious = points.findLast((point) => catalogue.mark(point) === "undecided")?.suspicious;
  return {
    by: "restore-verify",
    site: settings.SITE,
    kind: reached.kind,
    slot: reached.slot,
    full: reached.full,
    epoch: reached.writer.epoch,
    snapshotAt: reached.snapshotAt,
    verifiedAt: new Date().toISOString(),
    verified: differences.length === 0,
    differences,
    rows: full?.rows ?? 0,
    tables: Object.fromEntries(tables),
    seconds,
    bucket: settings.BUCKET,
    ...(suspicious && { suspicious }),
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
