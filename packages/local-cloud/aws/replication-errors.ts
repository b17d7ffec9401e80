/** Tells the troubles of replication apart: those that pass, those that stay, and those that ended the matter. */

/** Nothing would change by trying again. */
export class CopyRefused extends Error {}

interface AwsError extends Error {
  code?: string;
  $metadata?: { httpStatusCode?: number };
}

/** A broken connection, an overload or a fault of the server passes; a refusal does not. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof CopyRefused) return false;
  const { $metadata, code, name } = error as AwsError;
  const status = $metadata?.httpStatusCode;
  if (status !== undefined) return status >= 500 || status === 429 || status < 400;
  return name === "TimeoutError" || name === "AbortError" || /^E[A-Z]+$/.test(code ?? "");
}

/** The version was removed before it was copied: there is nothing to replicate. */
export const isGone = (error: unknown): boolean =>
  error instanceof Error && ["NoSuchKey", "NoSuchVersion", "NotFound"].includes(error.name);

/** One line for people. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === "Error" ? error.message : `${error.name}: ${error.message}`;
}
