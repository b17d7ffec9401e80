/** Which points of a bucket belong to the truth: a site that did not know of its replacement may have written on. */
import type { SiteName } from "../../plan/names.ts";
import { findChain } from "./chain.ts";
import { isFuture } from "./clock.ts";
import type { ChangesManifest, FullManifest } from "./manifest.ts";
import type { PointStore } from "./store.ts";
import type { Writer } from "./writer.ts";

/** Who wrote a point, and when its content was true. */
export interface Origin {
  /** Missing where only the epoch was noted. */
  site?: SiteName;
  epoch: number;
  snapshotAt: string;
}

export const originOfPoint = ({ writer, snapshotAt }: FullManifest | ChangesManifest): Origin => ({
  site: writer.site,
  epoch: writer.epoch,
  snapshotAt,
});

/** Written by a site after another had taken over, or in an epoch that is another site's: not part of the truth. */
export function isDiverged({ site, epoch, snapshotAt }: Origin, writer: Writer | undefined): boolean {
  if (!writer) return false;
  if (epoch === writer.epoch) return site !== undefined && site !== writer.site;
  return epoch < writer.epoch && Date.parse(snapshotAt) > Date.parse(writer.since);
}

/** Why a point does not belong to the truth; undefined: it does. */
export function whyNotTrue(origin: Origin, writer: Writer | undefined, now: number = Date.now()): string | undefined {
  if (isFuture(origin.snapshotAt, now)) {
    return `its snapshot ${origin.snapshotAt} is in the future (here it is ${new Date(now).toISOString()})`;
  }
  if (!writer || !isDiverged(origin, writer)) return undefined;
  const { site = "its site", epoch } = origin;
  return `${site} wrote it in epoch ${epoch}, but ${writer.site} has been the writer since ${writer.since} in epoch ${writer.epoch}`;
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
