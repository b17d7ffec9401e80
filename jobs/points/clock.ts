/** Times that other hosts wrote: their clocks are never quite the own one. */

/** Seconds that two hosts' clocks may be apart before what one of them wrote counts as from the future on the other. */
export const clockToleranceSeconds = 60;

/** Whether a time lies ahead by more than clocks may differ; also true of a time that cannot be read. */
export const isFuture = (time: string, now: number = Date.now()): boolean =>
  !(Date.parse(time) <= now + clockToleranceSeconds * 1000);
