/** What the writer guard promises, and how its calls are recognised. */

/** Seconds after which a site that can read a newer writer record of another one acknowledges no write any more. */
export const writesStopWithinSeconds = 30;

/** Part of the user agent of the guard's calls: it looks into both regions all the time, and nothing waits for it. */
export const writerGuardAgent = "continuity-writer-guard";
