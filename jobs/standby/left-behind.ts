/** Recovery points that a promotion leaves behind because they are newer than the promoted one. */
import { isFuture } from "../points/clock.ts";
import { whyHeld } from "../points/hold.ts";
import type { Manifest } from "../points/manifest.ts";
import type { ListedObject } from "../points/objects.ts";
import { findFutureTime, slotOfKey } from "../points/point.ts";
import { readManifest } from "../points/read-manifest.ts";
import { lateRunSeconds, slotOf, timeOfSlot } from "../points/slot.ts";
import { kindPrefix, pointPrefix, type PointStore } from "../points/store.ts";
import { originOfPoint, whyNotBelieved } from "../points/truth.ts";
import type { Writer } from "../points/writer.ts";

/** One recovery point that was left behind. */
export interface LeftPoint {
  /** `<kind> <slot>`. */
  point: string;
  /** Missing if the manifest is missing or unreadable. */
  snapshotAt?: string;
  /** Why it was not applied. */
  reason: string;
  /** Marked as suspicious when exported, and not accepted. */
  suspicious?: true;
}

export interface LeftBehind {
  /** The newest valid recovery point of the bucket, possibly the promoted one; undefined: none was found. */
  newest: { point: string; snapshotAt: string } | undefined;
  /** Seconds from the promoted recovery point's snapshot to the newest one's; 0 if it is the newest. */
  behindSeconds: number;
  /** Whether the bucket still has the promoted recovery point's manifest. */
  promotedIsThere: boolean;
  /** Newest first. */
  points: LeftPoint[];
  /** The highest epoch of the valid recovery points; 0: there were none. */
  epoch: number;
}

/** Maximum number of reasons to determine; the search for the newest valid recovery point goes beyond it. */
const looksAtMost = 200;
/** Future slots are reported, but must not crowd out valid recovery points. */
const futureAtMost = 10;
const atOnce = 10;

interface Promoted {
  kind: Manifest["kind"];
  slot: string;
  snapshotAt: string;
}

type Kind = Manifest["kind"];

/** Checks every recovery point that may be newer than the promoted one. `problems` are messages of the catch-up. */
export async function findLeftBehind(
  store: PointStore,
  promoted: Promoted,
  { writer, problems }: { writer: Writer | undefined; problems: readonly string[] },
): Promise<LeftBehind> {
  const start = slotOf(new Date(Date.parse(promoted.snapshotAt) - lateRunSeconds * 1000));
  const found = (
    await Promise.all((["full", "changes"] as const).map((kind) => pointsAfter(store, kind, start)))
  ).flat();
  const looked = await lookAt(store, found, writer);
  const isNewer = (snapshotAt: string) => Date.parse(snapshotAt) > Date.parse(promoted.snapshotAt);
  const left = looked.filter(({ slot, snapshotAt }) => (snapshotAt ? isNewer(snapshotAt) : slot > promoted.slot));
  const trusted = looked.filter(({ isTrue }) => isTrue) as (Looked & { snapshotAt: string })[];
  const newest = trusted.toSorted((a, b) => Date.parse(b.snapshotAt) - Date.parse(a.snapshotAt))[0];
  const isBehind = newest !== undefined && isNewer(newest.snapshotAt);
  return {
    newest: newest && { point: nameOf(newest), snapshotAt: newest.snapshotAt },
    behindSeconds: isBehind ? (Date.parse(newest.snapshotAt) - Date.parse(promoted.snapshotAt)) / 1000 : 0,
    promotedIsThere: (await readManifest(store, promoted.kind, promoted.slot))?.manifest !== undefined,
    points: left.map((one) => describe(one, { looked, promoted, problems })),
    epoch: Math.max(0, ...trusted.map(({ epoch = 0 }) => epoch)),
  };
}

interface Found {
  kind: Kind;
  slot: string;
  /** The listed manifest; missing: only parts exist, e.g. because replication was cut off. */
  manifest?: ListedObject;
}

/** Lists all recovery points. Stray objects are skipped, or they could crowd out valid ones. */
async function pointsAfter(store: PointStore, kind: Kind, start: string): Promise<Found[]> {
  const prefix = kindPrefix(kind);
  const found = new Map<string, Found>();
  for (const object of await store.list(prefix, `${prefix}${start}`)) {
    const slot = object.key.slice(prefix.length).split("/")[0] ?? "";
    try {
      const isManifest = slotOfKey(kind, object.key) !== undefined;
      if (isManifest) found.set(slot, { kind, slot, manifest: object });
      else if (!found.has(slot)) found.set(slot, { kind, slot });
    } catch {
      // Reported by the catalogue.
    }
  }
  return [...found.values()];
}

/** Checks the newest recovery points, and further ones until a valid one is found. */
async function lookAt(store: PointStore, found: readonly Found[], writer: Writer | undefined): Promise<Looked[]> {
  const newestFirst = found.toSorted(bySlot);
  const isAhead = ({ slot }: Found): boolean => isFuture(timeOfSlot(slot)?.toISOString() ?? "");
  const [ahead, past] = [newestFirst.filter(isAhead).slice(-futureAtMost), newestFirst.filter((one) => !isAhead(one))];
  // Without a manifest there is nothing to read; these do not count towards the limit.
  const [whole, partial] = [past.filter(({ manifest }) => manifest), past.filter(({ manifest }) => !manifest)];
  const looked: Looked[] = [];
  const lookAtSome = async (some: readonly Found[]) =>
    void looked.push(...(await Promise.all(some.map((one) => look(store, one, writer)))));
  await lookAtSome([...ahead, ...partial.slice(0, looksAtMost)]);
  for (let from = 0; from < whole.length; from += atOnce) {
    if (from >= looksAtMost && looked.some(({ isTrue }) => isTrue)) break;
    await lookAtSome(whole.slice(from, from + atOnce));
  }
  return looked.toSorted(bySlot);
}

const bySlot = (a: Found, b: Found): number => b.slot.localeCompare(a.slot);

interface Looked extends Found {
  snapshotAt?: string;
  epoch?: number;
  /** Name of its parent; missing for a full export. */
  parent?: string;
  isRead?: true;
  isTrue: boolean;
  reason?: string;
  suspicious?: true;
}

async function look(store: PointStore, found: Found, writer: Writer | undefined): Promise<Looked> {
  const { kind, slot, manifest: listed } = found;
  const read = listed && (await readManifest(store, kind, slot));
  if (!read) {
    const reason = `${pointPrefix(kind, slot)} has no manifest: it was still being exported or replicated`;
    return { ...found, isTrue: false, reason };
  }
  if (read.problem !== undefined) return { ...found, isTrue: false, reason: read.problem };
  const { manifest } = read;
  const origin = originOfPoint(manifest);
  const parent = manifest.parent ? { parent: nameOf(manifest.parent) } : {};
  const known = { ...found, ...parent, snapshotAt: manifest.snapshotAt, epoch: origin.epoch, isRead: true as const };
  const { snapshotAt, finishedAt } = manifest;
  const slotTime = timeOfSlot(slot)?.toISOString() ?? "";
  const untrue =
    whyNotBelieved(origin, writer) ??
    findFutureTime({ slot: slotTime, snapshotAt, finishedAt }, listed.storedAt, Date.now());
  if (untrue !== undefined) return { ...known, isTrue: false, reason: untrue };
  const hold = await whyHeld(store, manifest.suspicious);
  return hold === undefined ? { ...known, isTrue: true } : { ...known, isTrue: true, reason: hold, suspicious: true };
}

const nameOf = ({ kind, slot }: { kind: Kind; slot: string }): string => `${kind} ${slot}`;

interface Circumstances {
  looked: readonly Looked[];
  promoted: Promoted;
  problems: readonly string[];
}

function describe(one: Looked, circumstances: Circumstances): LeftPoint {
  const { snapshotAt, suspicious, reason = whyNotApplied(one, circumstances) } = one;
  return {
    point: nameOf(one),
    ...(snapshotAt !== undefined && { snapshotAt }),
    reason,
    ...(suspicious && { suspicious }),
  };
}

function whyNotApplied({ slot, parent }: Looked, { looked, promoted, problems }: Circumstances): string {
  const named = problems.find((problem) => problem.includes(slot));
  if (named !== undefined) return named;
  const isThere = (name: string) =>
    name === nameOf(promoted) || looked.some((one) => one.isRead && nameOf(one) === name);
  if (parent !== undefined && !isThere(parent)) return `${parent}, its parent, is missing or unreadable`;
  return problems.length > 0
    ? "the catch-up ended before it was reached"
    : "it arrived after the catch-up, or was held back";
}
