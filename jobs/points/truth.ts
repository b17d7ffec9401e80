/** Which points of a bucket belong to the truth: a site that did not know of its replacement may have written on. */
import type { SiteName } from "../../plan/names.ts";
import { isFuture } from "./clock.ts";
import type { Manifest } from "./manifest.ts";
import { isCredibleEpoch, type Writer } from "./writer.ts";

/** Who wrote a point, and when its content was true. */
export interface Origin {
  /** Missing where only the epoch was noted. */
  site?: SiteName;
  epoch: number;
  snapshotAt: string;
}

export const originOfPoint = ({ writer, snapshotAt }: Pick<Manifest, "writer" | "snapshotAt">): Origin => ({
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
  if (!isCredibleEpoch(origin.epoch)) return `its epoch ${origin.epoch} is not credible`;
  if (!writer || !isDiverged(origin, writer)) return undefined;
  const { site = "its site", epoch } = origin;
  return `${site} wrote it in epoch ${epoch}, but ${writer.site} has been the writer since ${writer.since} in epoch ${writer.epoch}`;
}
