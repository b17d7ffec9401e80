/** The newest manifests of a bucket, whatever else lies there. */
import { isFuture } from "./clock.ts";
import type { Manifest } from "./manifest.ts";
import type { ReadableObjects } from "./objects.ts";
import { slotOfKey } from "./point.ts";
import { readManifest } from "./read-manifest.ts";
import { timeOfSlot } from "./slot.ts";
import { kindPrefix } from "./store.ts";

const atOnce = 10;

/** The slot of a manifest; undefined for every other key, also for one that no point has. */
function slotOfManifest(kind: Manifest["kind"], key: string): string | undefined {
  try {
    return slotOfKey(kind, key);
  } catch {
    return undefined;
  }
}

/**
 * So many of a kind, newest first. Slots that are still to come do not count, nor does what is no manifest: with a few
 * stray objects anybody could push the true ones out of sight.
 */
export async function newestManifests(
  store: Pick<ReadableObjects, "keys" | "read">,
  kind: Manifest["kind"],
  { count, counts }: { count: number; counts: (manifest: Manifest) => boolean },
): Promise<Manifest[]> {
  const slots = (await store.keys(kindPrefix(kind))).flatMap((key) => slotOfManifest(kind, key) ?? []);
  const past = slots.filter((slot) => !isFuture(timeOfSlot(slot)?.toISOString() ?? "")).toReversed();
  const found: Manifest[] = [];
  for (let from = 0; from < past.length && found.length < count; from += atOnce) {
    const read = await Promise.all(past.slice(from, from + atOnce).map((slot) => readManifest(store, kind, slot)));
    found.push(...read.flatMap((one) => one?.manifest ?? []).filter(counts));
  }
  return found.slice(0, count);
}
