/** Times that other hosts wrote: their clocks are never quite the own one. */

/** Seconds that two hosts' clocks may be apart before what one of them wrote counts as from the future on the other. */
export const clockToleranceSeconds = 60;

/**
 * Seconds by which a point may be dated later than its arrival in the bucket. More than the above: a writer's clock that
 * is a little ahead delays its points until their time has come, but does not shut them out for good.
 */
export const arrivalToleranceSeconds = 300;

/** No time lies ahead of this one: for a look that is to leave the own clock aside. */
export const latestTime = 8.64e15;

/**
 * Seconds after the `since` of a record in which points of the writer before still count: the record's time is another
 * host's, and that writer serves until its guard has seen the record. What it acknowledged then is not doubted, for a
 * whole generation would be doubted with it.
 */
export const fenceToleranceSeconds = clockToleranceSeconds + 30;

/** Whether a time lies ahead by more than clocks may differ; also true of a time that cannot be read. */
export const isFuture = (time: string, now: number = Date.now(), toleranceSeconds = clockToleranceSeconds): boolean =>
  !(Date.parse(time) <= now + toleranceSeconds * 1000);

/** Seconds that an answer's way and the whole seconds of its date may add up to: no more is known of a server's clock. */
const dateResolutionSeconds = 5;

/** A server's clock, as the `Date` of its answers shows it; the own one until it has answered. */
export class ServerClock {
  #aheadMilliseconds = 0;

  /** @param date the header of an answer that has just arrived */
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
