/** How a job ends: one line that programs read, and an exit status. */

export type Outcome = "succeeded" | "skipped" | "failed";

/** What a job reports beside its outcome. */
export type Details = Record<string, unknown>;

export interface Result {
  outcome: Outcome;
  details: Details;
}

/** What a running job has of the world around it. */
export interface JobContext {
  /** Aborts when the job must end: its time is over or the container is being stopped. */
  signal: AbortSignal;
  /** Progress, to standard error: standard output is for the result alone. */
  log(line: string): void;
}

export const succeeded = (details: Details): Result => ({ outcome: "succeeded", details });
export const skipped = (reason: string, details: Details = {}): Result => ({
  outcome: "skipped",
  details: { reason, ...details },
});

/** A failure that still has something to report. */
export class JobFailure extends Error {
  readonly details: Details;
  constructor(message: string, details: Details = {}) {
    super(message);
    this.details = details;
  }
}

export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message || error.name : String(error);

export const secondsSince = (startedAt: number): number => Math.round(performance.now() - startedAt) / 1000;

/** Does a step and notes under its name how long it took, whatever its end. */
export async function timed<T>(seconds: Record<string, number>, name: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  try {
    return await work();
  } finally {
    seconds[name] = secondsSince(startedAt);
  }
}
