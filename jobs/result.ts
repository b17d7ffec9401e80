/** Result of a job: one machine-readable line, and an exit status. */

type Outcome = "succeeded" | "skipped" | "failed";

/** Fields reported with the outcome. */
export type Details = Record<string, unknown>;

export interface Result {
  outcome: Outcome;
  details: Details;
}

/** Environment of a running job. */
export interface JobContext {
  /** Aborts when the job must end: its time limit is exceeded or the container is being stopped. */
  signal: AbortSignal;
  /** Logs to standard error; standard output is reserved for the result. */
  log(line: string): void;
}

export const succeeded = (details: Details): Result => ({ outcome: "succeeded", details });
export const skipped = (reason: string, details: Details = {}): Result => ({
  outcome: "skipped",
  details: { reason, ...details },
});

/** A failure with details for the result line. */
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

/** Runs a step and records its duration, even if it fails. */
export async function timed<T>(seconds: Record<string, number>, name: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  try {
    return await work();
  } finally {
    seconds[name] = secondsSince(startedAt);
  }
}
