/** A job gives up a little before Kubernetes stops it, so that it can still say why. */

/** Share of the time limit after which a job ends itself; the rest is for its last words and metrics. */
const ownShare = 0.9;

/** Seconds after which the job itself gives up. */
export const ownTimeLimitSeconds = (runTimeLimitSeconds: number): number =>
  Math.max(1, Math.floor(runTimeLimitSeconds * ownShare));
