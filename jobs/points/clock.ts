/** Tolerances for times written by other hosts, whose clocks always differ a little. */

/**
 * Seconds by which a time written by another host may be ahead of the local clock before it counts as in the future.
 */
export const clockToleranceSeconds = 60;

/**
 * Seconds by which a recovery point may be dated after its arrival in the bucket. Larger than the above: a writer's
 * clock that is slightly ahead delays its recovery points until their time has come, but does not exclude them for
 * good.
 */
export const arrivalToleranceSeconds = 300;

/** Latest possible time: as `now`, it disables comparison with the local clock. */
export const latestTime = 8.64e15;

/**
 * Seconds after the `since` of a writer record during which recovery points of the previous writer are still valid: the
 * time is another host's, and the previous writer serves until its guard has seen the record. Its acknowledged writes
 * stay valid, because rejecting one would reject a whole generation.
 */
export const fenceToleranceSeconds = clockToleranceSeconds + 30;

/** Whether a time is ahead by more than the tolerance; true for an unparsable time. */
export const isFuture = (time: string, now: number = Date.now(), toleranceSeconds = clockToleranceSeconds): boolean =>
  !(Date.parse(time) <= now + toleranceSeconds * 1000);

/** Error of a server's clock as derived from an HTTP date: network latency and a resolution of one second. */
const dateResolutionSeconds = 5;

/** Estimates a server's clock from the `Date` headers of its responses; the local clock until the first response. */
export class ServerClock {
  #aheadMilliseconds = 0;

  /** @param date header of a response that has just arrived */
  note(date: string | undefined, here: number = Date.now()): void {
    const ahead = Date.parse(date ?? "") - here;
    if (Number.isNaN(ahead)) return;
    this.#aheadMilliseconds = Math.abs(ahead) <= dateResolutionSeconds * 1000 ? 0 : ahead;
  }

  /** Milliseconds since 1970. */
  now(here: number = Date.now()): number {
    return here + this.#aheadMilliseconds;
  }
}
