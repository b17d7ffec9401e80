/** Gate of a promotion: compares the acknowledged work that it would lose with the accepted loss. */
import { isFuture } from "../points/clock.ts";
import type { UnappliedPoints } from "./unapplied-points.ts";

export interface Loss {
  /** Seconds from the promoted recovery point's snapshot to the start of the promotion. */
  ageSeconds: number;
  /** Seconds from the promoted recovery point's snapshot to that of the newest one in the bucket. */
  behindSeconds: number;
  /** Accepted loss in seconds; `any`: the incident commander accepted every loss. */
  acceptedSeconds: number | "any";
}

/**
 * Why a recovery point may not be promoted; undefined: it may. Both figures count, since the local clock may be wrong.
 */
export function whyLossTooHigh(
  { slot, snapshotAt }: { slot: string; snapshotAt: string },
  { ageSeconds, behindSeconds, acceptedSeconds }: Loss,
  now: number,
): string | undefined {
  if (acceptedSeconds === "any") return undefined;
  const remedy = "the site was not promoted; accept the loss with --accept-data-loss";
  if (isFuture(snapshotAt, now)) {
    const here = `local time is ${new Date(now).toISOString()}`;
    return `the snapshot ${snapshotAt} of the newest verified recovery point ${slot} is in the future (${here}): correct the clock; ${remedy}`;
  }
  const accepted = `accepted loss is ${inMinutes(acceptedSeconds)}; ${remedy}`;
  if (!(ageSeconds <= acceptedSeconds))
    return `the newest verified recovery point ${slot} is ${inMinutes(ageSeconds)} old, ${accepted}`;
  if (!(behindSeconds <= acceptedSeconds))
    return `the newest verified recovery point ${slot} is ${inMinutes(behindSeconds)} behind the newest one in the bucket, ${accepted}`;
  return undefined;
}

export const lossOf = (
  { snapshotAt }: { snapshotAt: string },
  { behindSeconds }: Pick<UnappliedPoints, "behindSeconds">,
  { acceptedSeconds, now }: { acceptedSeconds: Loss["acceptedSeconds"]; now: number },
): Loss => ({ ageSeconds: (now - Date.parse(snapshotAt)) / 1000, behindSeconds, acceptedSeconds });

const inMinutes = (seconds: number): string =>
  seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
