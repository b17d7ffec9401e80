/** Restores one recovery point into a scratch database, as far as its chain is good, and compares everything. */
import { openServer } from "../database/open-server.ts";
import { redefineAccesses } from "../database/accesses.ts";
import { Database, identifier } from "../database/client.ts";
import type { Evidence } from "../evidence.ts";
import type { Catalogue } from "../points/catalogue.ts";
import { restorable } from "../points/decisions.ts";
import { aboutContent, ContentError } from "../points/failures.ts";
import type { FullManifest } from "../points/manifest.ts";
import type { Point, Refusal } from "../points/point.ts";
import type { PointStore } from "../points/store.ts";
import { untilReachable } from "../prepare-database.ts";
import { timed, type JobContext } from "../result.ts";
import { readAccessKeys } from "../secrets.ts";
import type { Settings } from "../settings.ts";
import { importFull, importOptions } from "./import.ts";
import { replayChanges } from "./replay.ts";
import { findDifferences } from "./verify.ts";

type VerifySettings = Settings<"restore-verify">;

export interface Tested {
  evidence: Evidence;
  /** Recovery points that could not be restored. */
  bad: Refusal[];
  /** Whether the full export itself is bad, so that an older one should be tried. */
  isPointBad: boolean;
}

export async function testPoint(
  { store, settings, context }: Pick<RestoreArgs, "store" | "settings" | "context">,
  full: Point,
  catalogue: Catalogue,
): Promise<Tested> {
  const chain = catalogue.chain(full, restorable);
  context.log(
    `testing full recovery point ${full.slot} of ${store.bucket} and ${chain.length} change recovery points after it`,
  );
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

/** Restores a full export and the changes after it, up to the first bad recovery point. */
async function restore(args: RestoreArgs, [full, ...chain]: [Point, ...Point[]]): Promise<Tested> {
  const { store, target, settings, context } = args;
  const seconds: Record<string, number> = {};
  /** Invalid content is a difference; a transient failure says nothing about the content and ends the test. */
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
    if (!manifest) return ["its manifest was removed during the test"];
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
    if (wrong.length > 0) break; // later ones build on it
    reached.push(point);
  }
  if (!isPointBad) differences.push(...(await step("accesses", () => testAccesses(target, settings, context))));
  return { evidence: describe(args, reached, imported, { differences, seconds }), bad, isPointBad };
}

async function replay(store: PointStore, { slot }: Point, target: Database): Promise<string[]> {
  const manifest = await store.manifest("changes", slot);
  return manifest
    ? (await replayChanges(store, manifest, target)).differences
    : ["its manifest was removed during the test"];
}

/** Recovery points contain no access keys: without the keys in the secret store a restore is useless. */
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
  // Restorable, but a decision is pending.
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
    suspicious,
  };
}

function scratchServer(settings: VerifySettings, context: JobContext): Database {
  return openServer(settings.SCRATCH_DATABASE_URL ?? `http://${settings.POD_IP}:8000`, settings, context);
}
