/** A disk that is full, named before a run starts and wherever it ends: else it shows as a panic or an empty log. */
import { existsSync, readdirSync, readFileSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";

export class DiskFull extends Error {
  override name = "DiskFull";
}

const mebibyte = 1024 * 1024;

/** With less than this nothing works for long: logs stay empty and databases stop. */
const leastFree = 4 * mebibyte;

/** Bytes that this user may still write where `path` is or will be. */
export function freeBytes(path: string): number {
  let there = path;
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
  const { bavail, bsize } = statfsSync(there);
  return bavail * bsize;
}

export interface Need {
  /** Folder that will be written. */
  path: string;
  mebibytes: number;
  /** What needs it, e.g. "the clusters and databases of a run". */
  what: string;
  /** What to do, beside freeing space. */
  remedy: string;
}

/** @throws DiskFull when there is less room than needed */
export function requireRoom({ path, mebibytes, what, remedy }: Need, free = freeBytes): void {
  const available = Math.floor(free(path) / mebibyte);
  if (available >= mebibytes) return;
  throw new DiskFull(
    `disk full: ${path} has ${available} MiB free, but ${mebibytes} MiB are needed for ${what}; free some, or ${remedy}`,
  );
}

const signs = /\bENOSPC\b|no space left on device|database or disk is full/i;

export const isDiskFull = (text: string): boolean => signs.test(text);

/**
 * The error that says so, where a failure comes of a full disk: by its own words, by those in the logs of a run's
 * folder, or because nothing is free there now. Any other error comes back as it is.
 */
export function explainDiskFull(error: unknown, directory: string, free = freeBytes): unknown {
  if (error instanceof DiskFull) return error;
  const text = error instanceof Error ? `${error.message} ${String(error.cause ?? "")}` : String(error);
  const isFull = isDiskFull(text) || logsSayIt(join(directory, "logs")) || free(directory) < leastFree;
  return isFull ? filled(directory, free, error) : error;
}

const filled = (directory: string, free: (path: string) => number, cause?: unknown): DiskFull => {
  const left = Math.floor(free(directory) / mebibyte);
  const place = `disk full: no space left for ${directory} (${left} MiB free now)`;
  return new DiskFull(`${place}; free some, or name another place in TMPDIR`, { cause });
};

function logsSayIt(folder: string): boolean {
  if (!existsSync(folder)) return false;
  return readdirSync(folder).some((file) => isDiskFull(readFileSync(join(folder, file), "utf8")));
}

export interface DiskWatch {
  /** Rejects as soon as the disk is full; never resolves. */
  readonly full: Promise<never>;
  stop(): void;
}

const lookMilliseconds = 500;

/** Looks while a run lasts: what it started would otherwise fail one after the other, for minutes and without a reason. */
export function watchDisk(directory: string, free = freeBytes): DiskWatch {
  let timer: NodeJS.Timeout | undefined;
  const full = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      if (!existsSync(directory) || free(directory) >= leastFree) return;
      clearInterval(timer);
      reject(filled(directory, free));
    }, lookMilliseconds);
    timer.unref();
  });
  full.catch(() => undefined); // whoever races it still sees the error
  return { full, stop: () => clearInterval(timer) };
}
