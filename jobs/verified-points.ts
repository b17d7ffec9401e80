/**
 * The one decision about evidence: which recovery points the standby of a site
 * has restored and verified. The watch, the pre-checks of a failover, status and
 * the drill all ask here.
 *
 * Only the standby's own evidence counts. A restore test proves that a copy is
 * good, but leaves nothing behind that a failover could take over.
 */
import { bucketKeys, standbyEvidenceKey, type SiteName } from "../contract/index.ts";
import { parseEvidence, type Evidence } from "./evidence.ts";
import { isFuture } from "./points/clock.ts";
import { isPassing } from "./points/failures.ts";
import { whyHeld } from "./points/hold.ts";
import type { ReadableObjects } from "./points/objects.ts";
import { readManifest } from "./points/read-manifest.ts";
import { slotOf, timeOfSlot } from "./points/slot.ts";
import { manifestKey } from "./points/store.ts";
import { originOfPoint, whyNotBelieved } from "./points/truth.ts";
import { readWriter, type Writer } from "./points/writer.ts";
import { messageOf } from "./result.ts";

export interface VerifiedPoint {
  slot: string;
  kind: Evidence["kind"];
  /** ISO 8601: every write acknowledged before is in it. */
  snapshotAt: string;
  /** Seconds since the snapshot; never negative, for what is from the future is refused. */
  ageSeconds: number;
}

/** Evidence that does not count, and why. */
export interface RefusedEvidence {
  key: string;
  reason: string;
}

export interface VerifiedPoints {
  newest: VerifiedPoint | undefined;
  /** What was stepped over on the way to it, newest first. Evidence of another site is none of that. */
  refused: RefusedEvidence[];
}

/** One round of reading; the newest point by its snapshot is among few neighbours, for a late run has an early slot. */
const atOnce = 10;
/** Pieces of evidence that are looked at before giving up: three days of a point every ten minutes. */
const looksBack = 500;
const recentSeconds = 2 * 86_400;

/** Looks from the newest evidence backwards until something counts. */
export async function newestVerified(store: ReadableObjects, site: SiteName): Promise<VerifiedPoints> {
  const writer = (await readWriter(store))?.writer;
  const refused: RefusedEvidence[] = [];
  let looked = 0;
  for await (const keys of newestFirst(store)) {
    looked += keys.length;
    const judged = await Promise.all(keys.map((key) => judge(store, key, site, writer)));
    for (const { key, reason } of judged) if (reason !== undefined) refused.push({ key, reason });
    const points = judged.flatMap(({ point }) => point ?? []);
    const newest = points.toSorted((a, b) => a.ageSeconds - b.ageSeconds)[0];
    if (newest || looked >= looksBack) return { newest, refused };
  }
  return { newest: undefined, refused };
}

/** Whether the standby of a site has verified one point; throws with the reason while its evidence does not count. */
export async function isVerified(store: ReadableObjects, site: SiteName, slot: string): Promise<boolean> {
  const key = standbyEvidenceKey(slot);
  if (!(await store.read(key))) return false;
  const { point, reason } = await judge(store, key, site, (await readWriter(store))?.writer);
  if (reason !== undefined) throw new Error(`${key}: ${reason}`);
  return point !== undefined;
}

/** Keys in small groups. Everything is listed only where nothing recent counts: evidence is kept for a year. */
async function* newestFirst(store: ReadableObjects): AsyncGenerator<string[]> {
  const prefix = bucketKeys.standbyEvidencePrefix;
  const start = `${prefix}${slotOf(new Date(Date.now() - recentSeconds * 1000))}`;
  const recent = (await store.keys(prefix, start)).toReversed();
  for (let from = 0; from < recent.length; from += atOnce) yield recent.slice(from, from + atOnce);
  const older = (await store.keys(prefix)).filter((key) => key <= start).toReversed();
  for (let from = 0; from < older.length; from += atOnce) yield older.slice(from, from + atOnce);
}

interface Judged {
  key: string;
  point?: VerifiedPoint;
  /** Why it does not count; neither this nor a point: it is another site's. */
  reason?: string;
}

async function judge(store: ReadableObjects, key: string, site: SiteName, writer: Writer | undefined): Promise<Judged> {
  const slot = key.slice(bucketKeys.standbyEvidencePrefix.length).replace(/\.json$/, "");
  if (!timeOfSlot(slot)) return { key, reason: "its name is not that of a recovery point" };
  let evidence: Evidence;
  try {
    const stored = await store.read(key);
    if (!stored) return { key, reason: "it is gone" };
    evidence = parseEvidence(stored.text);
  } catch (error) {
    if (isPassing(error)) throw error;
    return { key, reason: messageOf(error) };
  }
  if (evidence.site !== site) return { key };
  const now = Date.now();
  const reason = whyNotCertain(evidence, slot, now) ?? (await whyNotOfThePoint(store, evidence, { writer, now }));
  if (reason !== undefined) return { key, reason };
  const { kind, snapshotAt } = evidence;
  return { key, point: { slot, kind, snapshotAt, ageSeconds: (now - Date.parse(snapshotAt)) / 1000 } };
}

/** What the evidence says against itself. */
function whyNotCertain(evidence: Evidence, slot: string, now: number): string | undefined {
  const { by, verified, differences, snapshotAt, verifiedAt } = evidence;
  if (evidence.slot !== slot) return `it is evidence of ${evidence.slot}`;
  if (by !== "standby-sync") return `it is by ${by}, not by the standby`;
  if (!verified) return `the point was not verified: ${differences.join("; ") || "no differences are named"}`;
  if (differences.length > 0) return `it counts as verified although it differs: ${differences.join("; ")}`;
  const here = `here it is ${new Date(now).toISOString()}`;
  if (isFuture(verifiedAt, now)) return `it was verified at ${verifiedAt}, in the future (${here})`;
  // Without any tolerance: an age is never negative.
  if (Date.parse(snapshotAt) > now) return `the point's snapshot ${snapshotAt} is in the future (${here})`;
  return undefined;
}

/** What the point itself says against the evidence. */
async function whyNotOfThePoint(
  store: ReadableObjects,
  evidence: Evidence,
  { writer, now }: { writer: Writer | undefined; now: number },
): Promise<string | undefined> {
  const { kind, slot, snapshotAt, epoch } = evidence;
  const read = await readManifest(store, kind, slot);
  if (!read) return `there is no such recovery point: ${manifestKey(kind, slot)} is missing`;
  if (read.problem !== undefined) return `its recovery point cannot be used: ${read.problem}`;
  const { manifest } = read;
  if (manifest.snapshotAt !== snapshotAt) return `the point's snapshot is of ${manifest.snapshotAt}, not ${snapshotAt}`;
  const origin = originOfPoint(manifest);
  if (epoch !== undefined && epoch !== origin.epoch) return `the point is of epoch ${origin.epoch}, not ${epoch}`;
  return whyNotBelieved(origin, writer, now) ?? (await whyHeld(store, evidence.suspicious ?? manifest.suspicious));
}
