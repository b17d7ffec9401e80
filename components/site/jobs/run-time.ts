/** A job times out shortly before Kubernetes stops it, so that it can still report why. */

/** Share of the time limit after which a job times out; the rest is for its last logs and metrics. */
const ownShare = 0.9;

/** Seconds after which the job itself times out. */
export const ownTimeLimitSeconds = (runTimeLimitSeconds: number): number =>
  Math.max(1, Math.floor(runTimeLimitSeconds * ownShare));
