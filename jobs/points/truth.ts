/** Which points of a bucket belong to the truth: a site that did not know of its replacement may have written on. */
import { findChain } from "./chain.ts";
import type { ChangesManifest, FullManifest } from "./manifest.ts";
import type { PointStore, Writer } from "./store.ts";

/** What tells of a point who wrote it, and when its content was true. */
export interface Origin {
  epoch: number;
  snapshotAt: string;
}

export const originOfPoint = ({ writer, snapshotAt }: FullManifest | ChangesManifest): Origin => ({
  epoch: writer.epoch,
  snapshotAt,
});

/** Written by a site after another had taken over: not part of the truth any more. */
export function isDiverged({ epoch, snapshotAt }: Origin, writer: Writer | undefined): boolean {
  return writer !== undefined && epoch < writer.epoch && snapshotAt > writer.since;
}

/** The newest full point that is true and that the caller accepts. */
export async function newestTrueFull(
  store: PointStore,
  writer: Writer | undefined,
  accept: (slot: string) => boolean = () => true,
): Promise<FullManifest | undefined> {
  for (const slot of (await store.slots("full")).toReversed()) {
    if (!accept(slot)) continue;
    const manifest = await store.manifest("full", slot);
    if (manifest && !isDiverged(originOfPoint(manifest), writer)) return manifest;
  }
  return undefined;
}

/** The changes of a full point up to the first one that is not true. */
export async function findTrueChain(
  store: PointStore,
  full: FullManifest,
  writer: Writer | undefined,
): Promise<ChangesManifest[]> {
  const chain = await findChain(store, full);
  const diverged = chain.findIndex((point) => isDiverged(originOfPoint(point), writer));
  return diverged < 0 ? chain : chain.slice(0, diverged);
}
