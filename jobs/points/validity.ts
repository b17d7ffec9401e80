/** Decides which recovery points are valid: a superseded site may have continued to write before it was fenced. */
import type { SiteName } from "../../contract/index.ts";
import { fenceToleranceSeconds, isFuture } from "./clock.ts";
import { firstEpoch, isCredibleEpoch } from "./epochs.ts";
import type { Manifest } from "./manifest.ts";
import { findFutureTime } from "./point.ts";
import { timeOfSlot } from "./slot.ts";
import type { Writer } from "./writer.ts";

/** Writer, epoch and snapshot time of a recovery point. */
export interface Origin {
  /** Missing where only the epoch is known. */
  site?: SiteName | undefined;
  epoch: number;
  snapshotAt: string;
}

/** A recovery point's own statements, and when it was stored. */
export interface Claimed extends Pick<Manifest, "slot" | "snapshotAt" | "finishedAt" | "writer"> {
  /** When the bucket stored the manifest. */
  storedAt: Date | undefined;
}

export type Judgement =
  | { is: "valid" }
  /** Valid once its writer record has arrived. */
  | { is: "pending"; reason: string }
  /** Permanently invalid. */
  | { is: "rejected"; reason: string; fromFuture: boolean };

/**
 * Judges a recovery point by its times and its writer, for the catalogue, for evidence and for promotions alike. Its
 * parts and the decisions about it are checked separately.
 */
export function judgePoint(claimed: Claimed, writer: Writer | undefined, now: number = Date.now()): Judgement {
  const { slot, snapshotAt, finishedAt, storedAt } = claimed;
  const times = { slot: timeOfSlot(slot)?.toISOString() ?? "", snapshotAt, finishedAt };
  const future = findFutureTime(times, storedAt, now);
  if (future !== undefined) return { is: "rejected", reason: future, fromFuture: true };
  const origin = originOfPoint(claimed);
  const untrue = whyRejected(origin, writer, now);
  if (untrue !== undefined) return { is: "rejected", reason: untrue, fromFuture: false };
  const notYet = whyPending(origin, writer);
  return notYet === undefined ? { is: "valid" } : { is: "pending", reason: notYet };
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
