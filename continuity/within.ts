import { setTimeout as delay } from "node:timers/promises";
import { inTime } from "../jobs/wire/index.ts";
import { messageOf } from "./cannot-run.ts";

/**
 * Rejects after `seconds`, so that the failure of one region cannot hang a command; the signal aborts the work itself.
 */
export const within = <T>(seconds: number, what: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
  inTime(what, { seconds, missed: `no response within ${seconds} s` }, work);

export interface PollOptions {
  /** Time limit of the wait, in seconds. */
  timeoutSeconds: number;
  /** @default 0.2 */
  intervalSeconds?: number;
  signal?: AbortSignal | undefined;
}

/**
 * Polls until the result is not undefined. An attempt that throws counts as "not yet"; the last such reason is part of
 * the error.
 */
export async function poll<T>(
  what: string,
  check: () => Promise<T | undefined>,
  { timeoutSeconds, intervalSeconds = 0.2, signal }: PollOptions,
): Promise<T> {
  const end = performance.now() + timeoutSeconds * 1000;
  let last = "no response yet";
  for (;;) {
    try {
      const answer = await within(Math.max(1, (end - performance.now()) / 1000), what, check);
      if (answer !== undefined) return answer;
    } catch (error) {
      last = messageOf(error);
    }
    signal?.throwIfAborted();
    if (performance.now() >= end) throw new Error(`${what}: timed out after ${timeoutSeconds} s (${last})`);
    await delay(intervalSeconds * 1000, undefined, signal ? { signal } : {});
  }
}
