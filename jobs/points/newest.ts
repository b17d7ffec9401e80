/** Reads the newest manifests of a bucket, regardless of stray objects. */
import { isFuture } from "./clock.ts";
import type { Manifest } from "./manifest.ts";
import type { ReadableObjects } from "./objects.ts";
import { slotOfKey } from "./point.ts";
import { readManifest } from "./read-manifest.ts";
import { timeOfSlot } from "./slot.ts";
import { kindPrefix } from "./store.ts";
import type { Claimed } from "./validity.ts";

const atOnce = 10;

/** Slot of a manifest's key; undefined for any other key, including malformed ones. */
function slotOfManifest(kind: Manifest["kind"], key: string): string | undefined {
  try {
    return slotOfKey(kind, key);
  } catch {
    return undefined;
  }
}

/**
 * Returns up to `count` manifests of a kind, newest first. Future slots and invalid manifests are skipped, or a few
 * stray objects could crowd out the valid ones.
 */
export async function newestManifests(
  store: Pick<ReadableObjects, "keys" | "read">,
  kind: Manifest["kind"],
  { count, counts }: { count: number; counts: (claimed: Claimed) => boolean },
): Promise<Manifest[]> {
  const slots = (await store.keys(kindPrefix(kind))).flatMap((key) => slotOfManifest(kind, key) ?? []);
  const past = slots.filter((slot) => !isFuture(timeOfSlot(slot)?.toISOString() ?? "")).toReversed();
  const found: Manifest[] = [];
  for (let from = 0; from < past.length && found.length < count; from += atOnce) {
    const read = await Promise.all(past.slice(from, from + atOnce).map((slot) => readManifest(store, kind, slot)));
    const whole = read.flatMap((one) => (one?.manifest ? [one] : []));
    found.push(...whole.flatMap(({ manifest, storedAt }) => (counts({ ...manifest, storedAt }) ? [manifest] : [])));
  }
  return found.slice(0, count);
}
