/** Reads a manifest that may be missing, wrong or closed to the reader: all are answers. Only what passes is an error. */
import { messageOf } from "../result.ts";
import { isPassing } from "./failures.ts";
import { manifestKey } from "./store.ts";
import { ManifestError, parseManifest, type Manifest } from "./manifest.ts";
import type { ReadableObjects, StoredText } from "./objects.ts";

export type ReadManifest = { manifest: Manifest; problem?: never } | { manifest?: never; problem: string };

/** Undefined: there is no manifest. */
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
    // One object under a foreign key, or in an archive, says nothing about the bucket.
    if (isPassing(error)) throw error;
    return { problem: `${key} cannot be read: ${messageOf(error)}` };
  }
  if (!stored) return undefined;
  try {
    const manifest = parseManifest(key, stored.text);
    const isOwn = manifest.kind === kind && manifest.slot === slot;
    return isOwn ? { manifest } : { problem: `${key} belongs to ${manifest.kind} point ${manifest.slot}` };
  } catch (error) {
    if (error instanceof ManifestError) return { problem: error.message };
    throw error;
  }
}
