/** Time limit for a call as a whole: the timeouts of an AWS client end once response headers have arrived. */

/** The time limit was exceeded; a retry may help. */
export class TooLate extends Error {}

export interface TimeLimit {
  seconds: number;
  /** Ends the wait early. */
  signal?: AbortSignal | undefined;
  /** Rest of the error message. @default timed out after … s */
  missed?: string | undefined;
}

/**
 * Resolves with the work's result; rejects when the time is over or the signal aborts, even while the response body
 * stalls.
 */
export async function inTime<T>(
  what: string,
  { seconds, signal, missed = `timed out after ${seconds} s` }: TimeLimit,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const late = new AbortController();
  const clock = setTimeout(() => late.abort(new TooLate(`${what}: ${missed}`)), seconds * 1000);
  const either = signal ? AbortSignal.any([signal, late.signal]) : late.signal;
  let give = (): void => undefined;
  const ended = new Promise<never>((_, reject) => {
    give = () => reject(either.reason as Error);
    either.addEventListener("abort", give, { once: true });
  });
  try {
    return await Promise.race([work(either), ended]);
  } finally {
    clearTimeout(clock);
    // A combined signal with a listener lives as long as the job's signal.
    either.removeEventListener("abort", give);
  }
}
