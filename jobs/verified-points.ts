/**
 * Decides which recovery points the standby of a site has restored and verified; used by the watch, the failover
 * pre-checks, `status` and the drill.
 *
 * Only the standby's evidence is used. A restore test proves that a recovery point is good, but leaves no database
 * behind that could take over.
 */
import { bucketKeys, standbyEvidenceKey, type SiteName } from "../contract/index.ts";
import { parseEvidence, type Evidence } from "./evidence.ts";
import { isFuture } from "./points/clock.ts";
import { isPassing } from "./points/failures.ts";
import { whyHeld } from "./points/decisions.ts";
import type { ReadableObjects } from "./points/objects.ts";
import { readManifest } from "./points/read-manifest.ts";
import { slotOf, timeOfSlot } from "./points/slot.ts";
import { manifestKey } from "./points/store.ts";
import { judgePoint } from "./points/validity.ts";
import { readWriter, type Writer } from "./points/writer.ts";
import { messageOf } from "./result.ts";

export interface VerifiedPoint {
  slot: string;
  kind: Evidence["kind"];
  /** ISO 8601; the recovery point contains every write acknowledged before. */
  snapshotAt: string;
  /** Seconds since the snapshot; never negative, since future snapshots are rejected. */
  ageSeconds: number;
}

/** Rejected evidence, with the reason. */
export interface RefusedEvidence {
  key: string;
  reason: string;
}

export interface VerifiedPoints {
  newest: VerifiedPoint | undefined;
  /** Evidence rejected before the newest valid one was found, newest first; other sites' evidence is not included. */
  refused: RefusedEvidence[];
}

/** Evidence read at once. The newest snapshot is among the last few slots, since a late run has an early slot. */
const atOnce = 10;
/** Pieces of evidence read before giving up: three days at one every ten minutes. */
const looksBack = 500;
const recentSeconds = 2 * 86_400;

/** Reads evidence from the newest backwards until one is valid. */
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

/**
 * The recovery point of a slot that the standby of a site has verified; undefined: none.
 * @throws Error with the reason if its evidence is rejected
 */
export async function verifiedPoint(
  store: ReadableObjects,
  site: SiteName,
  slot: string,
): Promise<VerifiedPoint | undefined> {
  const key = standbyEvidenceKey(slot);
  if (!(await store.read(key))) return undefined;
  const { point, reason } = await judge(store, key, site, (await readWriter(store))?.writer);
  if (reason !== undefined) throw new Error(`${key}: ${reason}`);
  return point;
}

/** Whether the standby of a site has verified a recovery point of that slot; throws like `verifiedPoint`. */
export const isVerified = async (store: ReadableObjects, site: SiteName, slot: string): Promise<boolean> =>
  (await verifiedPoint(store, site, slot)) !== undefined;

/** Yields keys in small groups. Lists all evidence, which is kept for a year, only if nothing recent is valid. */
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
  /** Why it is rejected; neither this nor a point: another site's. */
  reason?: string;
}

async function judge(store: ReadableObjects, key: string, site: SiteName, writer: Writer | undefined): Promise<Judged> {
  const slot = key.slice(bucketKeys.standbyEvidencePrefix.length).replace(/\.json$/, "");
  if (!timeOfSlot(slot)) return { key, reason: "its key does not name a recovery point" };
  let evidence: Evidence;
  try {
    const stored = await store.read(key);
    if (!stored) return { key, reason: "it was removed" };
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

/** Reasons in the evidence itself. */
function whyNotCertain(evidence: Evidence, slot: string, now: number): string | undefined {
  const { by, verified, differences, snapshotAt, verifiedAt } = evidence;
  if (evidence.slot !== slot) return `it contains evidence of ${evidence.slot}`;
  if (by !== "standby-sync") return `it was written by ${by}, not by the standby`;
  if (!verified) return `the recovery point was not verified: ${differences.join("; ") || "no differences given"}`;
  if (differences.length > 0) return `it is marked as verified despite differences: ${differences.join("; ")}`;
  const here = `local time is ${new Date(now).toISOString()}`;
  if (isFuture(verifiedAt, now)) return `it was verified at ${verifiedAt}, in the future (${here})`;
  // Without tolerance, so that an age is never negative.
  if (Date.parse(snapshotAt) > now) return `the snapshot ${snapshotAt} is in the future (${here})`;
  return undefined;
}

/** Reasons in the recovery point. */
async function whyNotOfThePoint(
  store: ReadableObjects,
  evidence: Evidence,
  { writer, now }: { writer: Writer | undefined; now: number },
): Promise<string | undefined> {
  const { kind, slot, snapshotAt, epoch } = evidence;
  const read = await readManifest(store, kind, slot);
  if (!read) return `the recovery point does not exist: ${manifestKey(kind, slot)} is missing`;
  if (read.problem !== undefined) return `the recovery point is unusable: ${read.problem}`;
  const { manifest, storedAt } = read;
  if (manifest.snapshotAt !== snapshotAt)
    return `the recovery point's snapshot is ${manifest.snapshotAt}, not ${snapshotAt}`;
  const own = manifest.writer.epoch;
  if (epoch !== undefined && epoch !== own) return `the recovery point has epoch ${own}, not ${epoch}`;
  const judgement = judgePoint({ ...manifest, storedAt }, writer, now);
  if (judgement.is !== "valid") return judgement.reason;
  return whyHeld(store, evidence.suspicious ?? manifest.suspicious);
}
