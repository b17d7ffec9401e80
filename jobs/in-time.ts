/** One time limit around a call as a whole: the limits of an AWS client end with the answer's headers. */

/** A time limit was over: trying again later may help. */
export class TooLate extends Error {}

/** The work's outcome, or an error once the seconds are over or the signal aborts, also while the answer's body stalls. */
export async function inTime<T>(
  what: string,
  { seconds, signal }: { seconds: number; signal?: AbortSignal | undefined },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const late = new AbortController();
  const clock = setTimeout(() => late.abort(new TooLate(`${what}: not done within ${seconds} s`)), seconds * 1000);
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
    // A combined signal that is listened to lives as long as the job's.
    either.removeEventListener("abort", give);
  }
}
