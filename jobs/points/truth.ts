/** Which points of a bucket belong to the truth: a site that did not know of its replacement may have written on. */
import type { SiteName } from "../../contract/index.ts";
import { fenceToleranceSeconds, isFuture } from "./clock.ts";
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
  return epoch < writer.epoch && isFuture(snapshotAt, Date.parse(writer.since), fenceToleranceSeconds);
}

/** The epoch of a service's first writer, who needs no record. */
const firstEpoch = 1;

/**
 * Why a point cannot be believed yet: its epoch is above the record's. The record may still be on its way, for nothing
 * keeps the order of copies; but an epoch that no record has ever named may as well be made up. Without a record there is
 * the first epoch only. A site's own exports know more than its record: see `recordOf`.
 */
export function whyNotYet({ epoch }: Pick<Origin, "epoch">, writer: Writer | undefined): string | undefined {
  if (epoch <= (writer?.epoch ?? firstEpoch)) return undefined;
  const record = writer ? `the writer record is of epoch ${writer.epoch}` : "there is no writer record";
  return `its epoch is ${epoch}, but ${record}`;
}

/** Why a point is not believed now, for good or until its record arrives; undefined: it is. */
export const whyNotBelieved = (origin: Origin, writer: Writer | undefined, now?: number): string | undefined =>
  whyNotTrue(origin, writer, now) ?? whyNotYet(origin, writer);

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
