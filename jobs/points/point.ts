/** A recovery point as found in a bucket: the essential manifest fields, and checks of their consistency. */
import { bucketKeys, type SiteName } from "../../contract/index.ts";
import { arrivalToleranceSeconds, isFuture } from "./clock.ts";
import { parseManifest, type Manifest, type Suspicion } from "./manifest.ts";
import type { ListedObject } from "./objects.ts";
import { slotOf, timeOfSlot } from "./slot.ts";
import { kindPrefix, pointPrefix } from "./store.ts";

type Kind = Manifest["kind"];

/** Identity and order of a recovery point: all that is kept of a manifest. */
export interface Point {
  kind: Kind;
  slot: string;
  /** Slot of the underlying full export; its own for a full recovery point. */
  full: string;
  parent: { kind: Kind; slot: string } | undefined;
  snapshotAt: string;
  finishedAt: string;
  writer: { site: SiteName; epoch: number };
  suspicious: Suspicion | undefined;
  parts: { key: string; bytes: number }[];
  /** Key of the manifest. */
  key: string;
  /** When the manifest arrived in the bucket. */
  storedAt: Date | undefined;
  /** ETags of manifest and parts. */
  version: string;
}

/** An object that is not used, with the reason. */
export interface Refusal {
  key: string;
  reason: string;
}

/** Extracts the kept fields of a manifest. */
function pointOf(manifest: Manifest, { key, storedAt, etag }: ListedObject): Point {
  const { kind, slot, snapshotAt, finishedAt, writer, suspicious } = manifest;
  const [full, parent] = manifest.kind === "full" ? [slot, undefined] : [manifest.full, manifest.parent];
  const parts = manifest.parts.map(({ key: part, bytes }) => ({ key: part, bytes }));
  return { kind, slot, full, parent, snapshotAt, finishedAt, writer, suspicious, parts, key, storedAt, version: etag };
}

/**
 * Parses a manifest.
 * @throws Error with the reason if it is invalid or does not match its key
 */
export function readPoint(text: string, object: ListedObject, kind: Kind, slot: string): Point {
  const manifest = parseManifest(object.key, text);
  if (manifest.kind === kind && manifest.slot === slot) return pointOf(manifest, object);
  throw new Error(`it contains the manifest of ${manifest.kind} recovery point ${manifest.slot}`);
}

/** Slot of a manifest's key; undefined: the key of another object. Throws for a key that no recovery point has. */
export function slotOfKey(kind: Kind, key: string): string | undefined {
  const [slot = "", name, ...deeper] = key.slice(kindPrefix(kind).length).split("/");
  const time = timeOfSlot(slot);
  if (!time || slotOf(time) !== slot) throw new Error(`"${slot}" is not a slot such as 20261123T100000Z`);
  if (name === undefined || deeper.length > 0) throw new Error("no recovery point has an object with this key");
  return name === bucketKeys.manifest ? slot : undefined;
}

/** Why a recovery point's times are impossible: later than the local clock, or than its arrival in the bucket. */
export function findFutureTime(
  times: Record<string, string>,
  storedAt: Date | undefined,
  now: number,
): string | undefined {
  for (const [name, time] of Object.entries(times)) {
    if (isFuture(time, now)) return `${name} ${time} is in the future`;
    if (storedAt && isFuture(time, storedAt.getTime(), arrivalToleranceSeconds)) {
      const rule = `tolerance ${arrivalToleranceSeconds} s`;
      return `${name} ${time} is later than its arrival in the bucket, ${storedAt.toISOString()} (${rule})`;
    }
  }
  return undefined;
}

/** Compares a recovery point's parts with the listed objects; `missing` parts may still be replicating. */
export function findPartProblems(
  point: Point,
  objects: ReadonlyMap<string, ListedObject>,
): { missing: string[]; wrong: string[] } {
  const prefix = pointPrefix(point.kind, point.slot);
  const [missing, wrong]: [string[], string[]] = [[], []];
  for (const { key, bytes } of point.parts) {
    const object = objects.get(key);
    if (!key.startsWith(prefix)) wrong.push(`part ${key} is outside the recovery point's prefix`);
    else if (!object) missing.push(`part ${key} is missing`);
    else if (object.bytes !== bytes) wrong.push(`part ${key} has ${object.bytes} bytes, expected ${bytes}`);
  }
  return { missing, wrong };
}
