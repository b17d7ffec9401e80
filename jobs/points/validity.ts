/** Decides which recovery points are valid: a superseded site may have continued to write before it was fenced. */
import type { SiteName } from "../../contract/index.ts";
import { fenceToleranceSeconds, isFuture } from "./clock.ts";
import type { Manifest } from "./manifest.ts";
import { isCredibleEpoch, type Writer } from "./writer.ts";

/** Writer, epoch and snapshot time of a recovery point. */
export interface Origin {
  /** Missing where only the epoch is known. */
  site?: SiteName;
  epoch: number;
  snapshotAt: string;
}

export const originOfPoint = ({ writer, snapshotAt }: Pick<Manifest, "writer" | "snapshotAt">): Origin => ({
  site: writer.site,
  epoch: writer.epoch,
  snapshotAt,
});

/** Diverged: written by a superseded site, or in an epoch that belongs to another site. */
export function isDiverged({ site, epoch, snapshotAt }: Origin, writer: Writer | undefined): boolean {
  if (!writer) return false;
  if (epoch === writer.epoch) return site !== undefined && site !== writer.site;
  return epoch < writer.epoch && isFuture(snapshotAt, Date.parse(writer.since), fenceToleranceSeconds);
}

/** Epoch of the first writer, which needs no record. */
const firstEpoch = 1;

/**
 * Why a recovery point is not valid yet: its epoch is above the record's. The record may still be replicating, since
 * replication does not preserve order; but an epoch that no record has named may also be forged. Without a record only
 * the first epoch is valid. For a site's own exports see `recordOf`.
 */
export function whyPending({ epoch }: Pick<Origin, "epoch">, writer: Writer | undefined): string | undefined {
  if (epoch <= (writer?.epoch ?? firstEpoch)) return undefined;
  const record = writer ? `the writer record has epoch ${writer.epoch}` : "there is no writer record";
  return `its epoch is ${epoch}, but ${record}`;
}

/** Why a recovery point is invalid, permanently or until its writer record arrives; undefined: it is valid. */
export const whyUnusable = (origin: Origin, writer: Writer | undefined, now?: number): string | undefined =>
  whyRejected(origin, writer, now) ?? whyPending(origin, writer);

/** Why a recovery point is permanently invalid; undefined: it is not. */
export function whyRejected(origin: Origin, writer: Writer | undefined, now: number = Date.now()): string | undefined {
  if (isFuture(origin.snapshotAt, now)) {
    return `its snapshot ${origin.snapshotAt} is in the future (local time is ${new Date(now).toISOString()})`;
  }
  if (!isCredibleEpoch(origin.epoch)) return `its epoch ${origin.epoch} is not credible`;
  if (!writer || !isDiverged(origin, writer)) return undefined;
  const { site = "a superseded site", epoch } = origin;
  return `written by ${site} in epoch ${epoch}, but ${writer.site} has been the writer since ${writer.since} in epoch ${writer.epoch}`;
}
