/** Time limit of the writer guard, and the user agent of its calls. */

/** Seconds within which a site stops acknowledging writes once it can read another site's newer writer record. */
export const writesStopWithinSeconds = 30;

/** Environment variable of one update whose role may contradict the writer record; `failover` sets it for its own. */
export const roleOverrideVariable = "CONTINUITY_IGNORE_WRITER_RECORD";

/**
 * User-agent part of the calls of the guard and the traffic watch, to tell their continuous polling of both regions'
 * writer records from calls that a recovery waits for.
 */
export const writerGuardAgent = "continuity-writer-guard";
