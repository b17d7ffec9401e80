/** A recovery point as a bucket shows it: what is read of its manifest, and whether it holds together. */
import { bucketKeys, type SiteName } from "../../contract/index.ts";
import { arrivalToleranceSeconds, isFuture } from "./clock.ts";
import { parseManifest, type Manifest, type Suspicion } from "./manifest.ts";
import type { ListedObject } from "./objects.ts";
import { slotOf, timeOfSlot } from "./slot.ts";
import { kindPrefix, pointPrefix } from "./store.ts";

type Kind = Manifest["kind"];

/** What tells points apart and in what order they follow: all that is kept of a manifest. */
export interface Point {
  kind: Kind;
  slot: string;
  /** Slot of the full export that it builds on; its own for a full one. */
  full: string;
  parent: { kind: Kind; slot: string } | undefined;
  snapshotAt: string;
  finishedAt: string;
  writer: { site: SiteName; epoch: number };
  suspicious: Suspicion | undefined;
  parts: { key: string; bytes: number }[];
  /** Key of the manifest. */
  key: string;
  /** When the bucket got the manifest. */
  storedAt: Date | undefined;
  /** ETags of manifest and parts. */
  version: string;
}

/** Something in the bucket that is not used, and why. */
export interface Refusal {
  key: string;
  reason: string;
}

/** What of a manifest is kept. */
export function pointOf(manifest: Manifest, { key, storedAt, etag }: ListedObject): Point {
  const { kind, slot, snapshotAt, finishedAt, writer, suspicious } = manifest;
  const [full, parent] = manifest.kind === "full" ? [slot, undefined] : [manifest.full, manifest.parent];
  const parts = manifest.parts.map(({ key: part, bytes }) => ({ key: part, bytes }));
  return { kind, slot, full, parent, snapshotAt, finishedAt, writer, suspicious, parts, key, storedAt, version: etag };
}

/**
 * Reads a manifest's text.
 * @throws Error with the reason when it is none, or not that of its key
 */
export function readPoint(text: string, object: ListedObject, kind: Kind, slot: string): Point {
  const manifest = parseManifest(object.key, text);
  if (manifest.kind === kind && manifest.slot === slot) return pointOf(manifest, object);
  throw new Error(`its content is the manifest of ${manifest.kind} point ${manifest.slot}`);
}

/** The slot of a manifest's key; undefined: the key is another object's. Throws for a key that no point has. */
export function slotOfKey(kind: Kind, key: string): string | undefined {
  const [slot = "", name, ...deeper] = key.slice(kindPrefix(kind).length).split("/");
  const time = timeOfSlot(slot);
  if (!time || slotOf(time) !== slot) throw new Error(`"${slot}" is no time such as 20261123T100000Z`);
  if (name === undefined || deeper.length > 0) throw new Error("no recovery point has an object there");
  return name === bucketKeys.manifest ? slot : undefined;
}

/** Why a point's times cannot be true: they lie ahead of the own clock, or of the moment at which the bucket got it. */
export function findFutureTime(
  times: Record<string, string>,
  storedAt: Date | undefined,
  now: number,
): string | undefined {
  for (const [name, time] of Object.entries(times)) {
    if (isFuture(time, now)) return `${name} ${time} is in the future`;
    if (storedAt && isFuture(time, storedAt.getTime(), arrivalToleranceSeconds)) {
      const rule = `by more than ${arrivalToleranceSeconds} s`;
      return `${name} ${time} is later than its arrival in the bucket, ${storedAt.toISOString()} (${rule})`;
    }
  }
  return undefined;
}

/** What is wrong with a point's parts, as the list of objects shows them; `missing` ones may still be on their way. */
export function findPartProblems(
  point: Point,
  objects: ReadonlyMap<string, ListedObject>,
): { missing: string[]; wrong: string[] } {
  const prefix = pointPrefix(point.kind, point.slot);
  const [missing, wrong]: [string[], string[]] = [[], []];
  for (const { key, bytes } of point.parts) {
    const object = objects.get(key);
    if (!key.startsWith(prefix)) wrong.push(`part ${key} does not belong to it`);
    else if (!object) missing.push(`part ${key} is missing`);
    else if (object.bytes !== bytes) wrong.push(`part ${key} has ${object.bytes} bytes, not ${bytes}`);
  }
  return { missing, wrong };
}
