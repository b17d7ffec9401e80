/** Reads a manifest. Missing, invalid and inaccessible are results; only transient failures throw. */
import { messageOf } from "../result.ts";
import { isPassing } from "./failures.ts";
import { manifestKey } from "./store.ts";
import { ManifestError, parseManifest, type Manifest } from "./manifest.ts";
import type { ReadableObjects, StoredText } from "./objects.ts";

export type ReadManifest =
  /** `storedAt`: when the bucket got it. */
  { manifest: Manifest; storedAt: Date | undefined; problem?: never } | { manifest?: never; problem: string };

/** Undefined: the manifest does not exist. */
export async function readManifest(
  store: Pick<ReadableObjects, "read">,
  kind: Manifest["kind"],
  slot: string,
): Promise<ReadManifest | undefined> {
  const key = manifestKey(kind, slot);
  let stored: StoredText | undefined;
  try {
    stored = await store.read(key);
  } catch (error) {
    // One object with an inaccessible key or in an archive tier says nothing about the bucket.
    if (isPassing(error)) throw error;
    return { problem: `cannot read ${key}: ${messageOf(error)}` };
  }
  if (!stored) return undefined;
  try {
    const manifest = parseManifest(key, stored.text);
    const isOwn = manifest.kind === kind && manifest.slot === slot;
    if (!isOwn) return { problem: `${key} contains the manifest of ${manifest.kind} recovery point ${manifest.slot}` };
    return { manifest, storedAt: stored.storedAt };
  } catch (error) {
    if (error instanceof ManifestError) return { problem: error.message };
    throw error;
  }
}
