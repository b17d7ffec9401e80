/**
 * Classifies failures. Transient ones (unreachable, timed out, throttled) say nothing about a recovery point; invalid
 * content excludes the recovery point until it changes or a backoff has elapsed.
 */
import { isUnreachable, QueryError } from "../database/client.ts";
import { TooLate } from "../wire/in-time.ts";
import { messageOf } from "../result.ts";

/** The content of a recovery point is invalid. */
export class ContentError extends Error {}

/** Error names of the AWS SDK. */
const busy = /Throttl|TooManyRequests|SlowDown|RequestTimeout|RequestLimitExceeded|AbortError|TimeoutError/;
const network = /^(?:E(?:CONN\w*|PIPE|HOST\w*|NET\w*|AI_AGAIN|TIMEDOUT|NOTFOUND|PROTO)|ERR_STREAM_PREMATURE_CLOSE)$/;

/** Whether the failure is transient: a retry may succeed with the recovery point unchanged. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof ContentError) return false;
  if (error instanceof TooLate || isUnreachable(error) || busy.test(error.name)) return true;
  if (error instanceof QueryError && error.passing) return true;
  const { code, $metadata } = error as { code?: unknown; $metadata?: { httpStatusCode?: number } };
  if (typeof code === "string" && network.test(code)) return true;
  if ($metadata) {
    const { httpStatusCode: status } = $metadata;
    return status === undefined || status === 408 || status === 429 || status >= 500;
  }
  return isPassing(error.cause);
}

/**
 * Runs work that depends on a recovery point's content: every failure that is not transient is attributed to the
 * content.
 */
export async function aboutContent<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    throw isPassing(error) || error instanceof ContentError
      ? error
      : new ContentError(messageOf(error), { cause: error });
  }
}

const firstPauseSeconds = 60;
const longestPauseSeconds = 3600;

interface Failure {
  /** ETags of manifest and parts, so that a repaired recovery point counts as a new one. */
  version: string;
  count: number;
  until: number;
  reason: string;
}

/**
 * Recovery points with invalid content. The backoff doubles up to an hour; a recovery point whose every attempt costs a
 * generation is quarantined until it changes.
 */
export class ContentFailures {
  private readonly failures = new Map<string, Failure>();

  note({ key, version }: { key: string; version: string }, reason: string, now: number = Date.now()): void {
    const before = this.failures.get(key);
    const count = before?.version === version ? before.count + 1 : 1;
    const seconds = Math.min(firstPauseSeconds * 2 ** (count - 1), longestPauseSeconds);
    this.failures.set(key, { version, count, until: now + seconds * 1000, reason });
  }

  /** Excludes this version of a recovery point. */
  quarantine({ key, version, reason }: { key: string; version: string; reason: string }): void {
    const before = this.failures.get(key);
    if (before && before.version !== version) return; // a later version has its own entry
    this.failures.set(key, { version, count: before?.count ?? 1, until: Infinity, reason });
  }

  /** Why the recovery point is skipped now; undefined: it may be tried. */
  reasonOf({ key, version }: { key: string; version: string }, now: number = Date.now()): string | undefined {
    const failure = this.failures.get(key);
    if (!failure || failure.version !== version || failure.until <= now) return undefined;
    if (failure.until === Infinity) return `${failure.reason} (found only after writing; not retried until it changes)`;
    return `${failure.reason} (failed ${failure.count} times, next attempt at ${new Date(failure.until).toISOString()})`;
  }
}
