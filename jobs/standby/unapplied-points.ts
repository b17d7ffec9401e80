/** Recovery points that a promotion leaves behind because they are newer than the promoted one. */
import { isFuture } from "../points/clock.ts";
import { whyHeld } from "../points/decisions.ts";
import { highestEpoch } from "../points/epochs.ts";
import type { Manifest } from "../points/manifest.ts";
import type { ListedObject } from "../points/objects.ts";
import { slotOfKey } from "../points/point.ts";
import { readManifest } from "../points/read-manifest.ts";
import { lateRunSeconds, slotOf, timeOfSlot } from "../points/slot.ts";
import { kindPrefix, pointPrefix, type PointStore } from "../points/store.ts";
import { judgePoint } from "../points/validity.ts";
import type { Writer } from "../points/writer.ts";

/** One recovery point that was left behind. */
interface UnappliedPoint {
  /** `<kind> <slot>`. */
  point: string;
  /** Missing if the manifest is missing or unreadable. */
  snapshotAt?: string | undefined;
  /** Why it was not applied. */
  reason: string;
  /** Marked as suspicious when exported, and not accepted. */
  suspicious?: true | undefined;
}

export interface UnappliedPoints {
  /** The newest valid recovery point of the bucket, possibly the promoted one; undefined: none was found. */
  newest: { point: string; snapshotAt: string } | undefined;
  /** Seconds from the promoted recovery point's snapshot to the newest one's; 0 if it is the newest. */
  behindSeconds: number;
  /** Whether the bucket still has the promoted recovery point's manifest. */
  promotedIsThere: boolean;
  /** Newest first. */
  points: UnappliedPoint[];
  /** The highest epoch of the valid recovery points; 0: there were none. */
  epoch: number;
}

/** Maximum number of reasons to determine; the search for the newest valid recovery point goes beyond it. */
const checkedAtMost = 200;
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
export async function findUnappliedPoints(
  store: PointStore,
  promoted: Promoted,
  { writer, problems }: { writer: Writer | undefined; problems: readonly string[] },
): Promise<UnappliedPoints> {
  const start = slotOf(new Date(Date.parse(promoted.snapshotAt) - lateRunSeconds * 1000));
  const found = (
    await Promise.all((["full", "changes"] as const).map((kind) => pointsAfter(store, kind, start)))
  ).flat();
  const checked = await checkNewest(store, found, writer);
  const isNewer = (snapshotAt: string) => Date.parse(snapshotAt) > Date.parse(promoted.snapshotAt);
  const left = checked.filter(({ slot, snapshotAt }) => (snapshotAt ? isNewer(snapshotAt) : slot > promoted.slot));
  const trusted = checked.filter(({ isValid }) => isValid) as (Checked & { snapshotAt: string })[];
  const newest = trusted.toSorted((a, b) => Date.parse(b.snapshotAt) - Date.parse(a.snapshotAt))[0];
  const isBehind = newest !== undefined && isNewer(newest.snapshotAt);
  return {
    newest: newest && { point: nameOf(newest), snapshotAt: newest.snapshotAt },
    behindSeconds: isBehind ? (Date.parse(newest.snapshotAt) - Date.parse(promoted.snapshotAt)) / 1000 : 0,
    promotedIsThere: (await readManifest(store, promoted.kind, promoted.slot))?.manifest !== undefined,
    points: left.map((one) => describe(one, { checked, promoted, problems })),
    epoch: highestEpoch(trusted.map(({ epoch = 0 }) => epoch)),
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
async function checkNewest(store: PointStore, found: readonly Found[], writer: Writer | undefined): Promise<Checked[]> {
  const newestFirst = found.toSorted(bySlot);
  const isAhead = ({ slot }: Found): boolean => isFuture(timeOfSlot(slot)?.toISOString() ?? "");
  const [ahead, past] = [newestFirst.filter(isAhead).slice(-futureAtMost), newestFirst.filter((one) => !isAhead(one))];
  // Without a manifest there is nothing to read; these do not count towards the limit.
  const [whole, partial] = [past.filter(({ manifest }) => manifest), past.filter(({ manifest }) => !manifest)];
  const checked: Checked[] = [];
  const checkSome = async (some: readonly Found[]) =>
    void checked.push(...(await Promise.all(some.map((one) => checkPoint(store, one, writer)))));
  await checkSome([...ahead, ...partial.slice(0, checkedAtMost)]);
  for (let from = 0; from < whole.length; from += atOnce) {
    if (from >= checkedAtMost && checked.some(({ isValid }) => isValid)) break;
    await checkSome(whole.slice(from, from + atOnce));
  }
  return checked.toSorted(bySlot);
}

const bySlot = (a: Found, b: Found): number => b.slot.localeCompare(a.slot);

interface Checked extends Found {
  snapshotAt?: string;
  epoch?: number;
  /** Name of its parent; missing for a full export. */
  parent?: string;
  isRead?: true;
  isValid: boolean;
  reason?: string;
  suspicious?: true;
}

async function checkPoint(store: PointStore, found: Found, writer: Writer | undefined): Promise<Checked> {
  const { kind, slot, manifest: listed } = found;
  const read = listed && (await readManifest(store, kind, slot));
  if (!read) {
    const reason = `${pointPrefix(kind, slot)} has no manifest: it was still being exported or replicated`;
    return { ...found, isValid: false, reason };
  }
  if (read.problem !== undefined) return { ...found, isValid: false, reason: read.problem };
  const { manifest } = read;
  const parent = manifest.parent ? { parent: nameOf(manifest.parent) } : {};
  const known = {
    ...found,
    ...parent,
    snapshotAt: manifest.snapshotAt,
    epoch: manifest.writer.epoch,
    isRead: true as const,
  };
  const judgement = judgePoint({ ...manifest, storedAt: listed.storedAt }, writer);
  if (judgement.is !== "valid") return { ...known, isValid: false, reason: judgement.reason };
  const hold = await whyHeld(store, manifest.suspicious);
  return hold === undefined ? { ...known, isValid: true } : { ...known, isValid: true, reason: hold, suspicious: true };
}

const nameOf = ({ kind, slot }: { kind: Kind; slot: string }): string => `${kind} ${slot}`;

interface Circumstances {
  checked: readonly Checked[];
  promoted: Promoted;
  problems: readonly string[];
}

function describe(one: Checked, circumstances: Circumstances): UnappliedPoint {
  const { snapshotAt, suspicious, reason = whyNotApplied(one, circumstances) } = one;
  return {
    point: nameOf(one),
    snapshotAt,
    reason,
    suspicious,
  };
}

function whyNotApplied({ slot, parent }: Checked, { checked, promoted, problems }: Circumstances): string {
  const named = problems.find((problem) => problem.includes(slot));
  if (named !== undefined) return named;
  const isThere = (name: string) =>
    name === nameOf(promoted) || checked.some((one) => one.isRead && nameOf(one) === name);
  if (parent !== undefined && !isThere(parent)) return `${parent}, its parent, is missing or unreadable`;
  return problems.length > 0
    ? "the catch-up ended before it was reached"
    : "it arrived after the catch-up, or was held back";
}
