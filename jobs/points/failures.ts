/**
 * Failures told apart: what passes (nobody answered, too late, too many calls) says nothing about a recovery point;
 * content that does not hold makes it one to step over, until it changes or a pause is over.
 */
import { isUnreachable, QueryError } from "../database/client.ts";
import { TooLate } from "../in-time.ts";
import { messageOf } from "../result.ts";

/** A recovery point's content does not hold. */
export class ContentError extends Error {}

/** Names that the SDK gives its errors. */
const busy = /Throttl|TooManyRequests|SlowDown|RequestTimeout|RequestLimitExceeded|AbortError|TimeoutError/;
const network = /^(?:E(?:CONN\w*|PIPE|HOST\w*|NET\w*|AI_AGAIN|TIMEDOUT|NOTFOUND|PROTO)|ERR_STREAM_PREMATURE_CLOSE)$/;

/** Whether the same may succeed later without anything about the point having changed. */
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

/** Does what depends on a point's content: any failure of it that does not pass is the content's. */
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
  /** ETags of manifest and parts: a point that was mended is another one. */
  version: string;
  count: number;
  until: number;
  reason: string;
}

/**
 * Points whose content did not hold. The pause doubles up to an hour; only one that costs a generation with each try is
 * left aside until it changes.
 */
export class ContentFailures {
  private readonly failures = new Map<string, Failure>();

  note({ key, version }: { key: string; version: string }, reason: string, now: number = Date.now()): void {
    const before = this.failures.get(key);
    const count = before?.version === version ? before.count + 1 : 1;
    const seconds = Math.min(firstPauseSeconds * 2 ** (count - 1), longestPauseSeconds);
    this.failures.set(key, { version, count, until: now + seconds * 1000, reason });
  }

  /** Leaves a point aside for as long as it is that version. */
  keepOut({ key, version, reason }: { key: string; version: string; reason: string }): void {
    const before = this.failures.get(key);
    if (before && before.version !== version) return; // of the version after it, more is known
    this.failures.set(key, { version, count: before?.count ?? 1, until: Infinity, reason });
  }

  /** Why the point is stepped over now; undefined: it may be tried. */
  reasonOf({ key, version }: { key: string; version: string }, now: number = Date.now()): string | undefined {
    const failure = this.failures.get(key);
    if (!failure || failure.version !== version || failure.until <= now) return undefined;
    if (failure.until === Infinity)
      return `${failure.reason} (found only after writing; not tried again until it changes)`;
    return `${failure.reason} (tried ${failure.count} times, again from ${new Date(failure.until).toISOString()})`;
  }
}
