/** The gate of a promotion: how much acknowledged work it would leave behind, against what was accepted. */
import { isFuture } from "../points/clock.ts";
import type { LeftBehind } from "./left-behind.ts";

export interface Loss {
  /** Seconds from the promoted point's snapshot to the start of the promotion. */
  ageSeconds: number;
  /** Seconds from the promoted point's snapshot to that of the newest point in the bucket. */
  behindSeconds: number;
  /** Seconds that may be lost; `any`: the incident commander accepted every loss. */
  acceptedSeconds: number | "any";
}

/** Why a point may not be promoted; undefined: it may. Both clocks count: the own one may be wrong. */
export function whyTooMuch(
  { slot, snapshotAt }: { slot: string; snapshotAt: string },
  { ageSeconds, behindSeconds, acceptedSeconds }: Loss,
  now: number,
): string | undefined {
  if (acceptedSeconds === "any") return undefined;
  const remedy = "the site was not promoted; accept the loss with --accept-data-loss";
  if (isFuture(snapshotAt, now)) {
    const here = `here it is ${new Date(now).toISOString()}`;
    return `the newest verified point ${slot} has a snapshot of ${snapshotAt}, in the future (${here}): correct the clock; ${remedy}`;
  }
  const accepted = `${inMinutes(acceptedSeconds)} are accepted; ${remedy}`;
  if (!(ageSeconds <= acceptedSeconds))
    return `the newest verified point ${slot} is ${inMinutes(ageSeconds)} old, ${accepted}`;
  if (!(behindSeconds <= acceptedSeconds))
    return `the newest verified point ${slot} is ${inMinutes(behindSeconds)} behind the newest one in the bucket, ${accepted}`;
  return undefined;
}

export const lossOf = (
  { snapshotAt }: { snapshotAt: string },
  { behindSeconds }: Pick<LeftBehind, "behindSeconds">,
  { acceptedSeconds, now }: { acceptedSeconds: Loss["acceptedSeconds"]; now: number },
): Loss => ({ ageSeconds: (now - Date.parse(snapshotAt)) / 1000, behindSeconds, acceptedSeconds });

const inMinutes = (seconds: number): string =>
  seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
