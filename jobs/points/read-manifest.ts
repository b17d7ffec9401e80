/** Reads a manifest that may be missing or wrong: both are answers. Only a bucket that does not answer is an error. */
import { manifestKey } from "./store.ts";
import { ManifestError, parseManifest, type Manifest } from "./manifest.ts";
import type { ReadableObjects } from "./objects.ts";

export type ReadManifest = { manifest: Manifest; problem?: never } | { manifest?: never; problem: string };

/** Undefined: there is no manifest. */
export async function readManifest(
  store: Pick<ReadableObjects, "read">,
  kind: Manifest["kind"],
  slot: string,
): Promise<ReadManifest | undefined> {
  const key = manifestKey(kind, slot);
  const stored = await store.read(key);
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
