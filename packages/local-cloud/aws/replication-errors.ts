/** Classifies replication errors: temporary, permanent, or obsolete because the version is gone. */

/** A permanent failure: a retry cannot succeed. */
export class CopyRefused extends Error {}

interface AwsError extends Error {
  code?: string;
  $metadata?: { httpStatusCode?: number };
}

/** Connection errors, throttling and server errors are temporary; client errors are not. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof CopyRefused) return false;
  const { $metadata, code, name } = error as AwsError;
  const status = $metadata?.httpStatusCode;
  if (status !== undefined) return status >= 500 || status === 429 || status < 400;
  return name === "TimeoutError" || name === "AbortError" || /^E[A-Z]+$/.test(code ?? "");
}

/** The version was deleted before it was copied. */
export const isGone = (error: unknown): boolean =>
  error instanceof Error && ["NoSuchKey", "NoSuchVersion", "NotFound"].includes(error.name);

/** One-line description. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === "Error" ? error.message : `${error.name}: ${error.message}`;
}
