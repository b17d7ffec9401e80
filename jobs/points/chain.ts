/** Which points follow from a full export, in the order in which they must be applied. */
import { timeOfSlot, slotOf } from "./slot.ts";
import type { ChangesManifest, FullManifest } from "./manifest.ts";
import type { PointStore } from "./store.ts";

/** A late run may carry a slot from before the full export that it continues. */
const lateRunSeconds = 2 * 3600;

/** Change points of a full export; ends before the first one whose parent has not arrived. */
export async function findChain(store: PointStore, full: FullManifest): Promise<ChangesManifest[]> {
  const start = slotOf(new Date((timeOfSlot(full.slot) ?? new Date(0)).getTime() - lateRunSeconds * 1000));
  const slots = await store.slots("changes", start);
  const found = await Promise.all(slots.map((slot) => store.manifest("changes", slot)));
  return orderChain(full, found.filter((point) => point?.full === full.slot) as ChangesManifest[]);
}

/** Follows the parents. Of two points with one parent (a retried run) the one that others continue, else the newer, counts. */
export function orderChain(full: FullManifest, points: ChangesManifest[]): ChangesManifest[] {
  const children = Map.groupBy(points, ({ parent }) => `${parent.kind} ${parent.slot}`);
  const chain: ChangesManifest[] = [];
  let parent = `full ${full.slot}`;
  for (;;) {
    const candidates = (children.get(parent) ?? []).toSorted((a, b) => a.snapshotAt.localeCompare(b.snapshotAt));
    const next = candidates.findLast((point) => children.has(`changes ${point.slot}`)) ?? candidates.at(-1);
    if (!next || chain.includes(next)) return chain;
    chain.push(next);
    parent = `changes ${next.slot}`;
  }
}
