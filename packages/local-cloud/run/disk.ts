/** Detects a full disk before and during a run; otherwise it appears as a panic or an empty log. */
import { existsSync, readdirSync, readFileSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The disk is full; the message names the directory, the free space and the remedy. */
export class DiskFull extends Error {
  override name = "DiskFull";
}

const mebibyte = 1024 * 1024;

/** Below this, logs stay empty and databases stop. */
const leastFree = 4 * mebibyte;

/** Bytes available to this user on the file system of `path`, which need not exist yet. */
export function freeBytes(path: string): number {
  let there = path;
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
  const { bavail, bsize } = statfsSync(there);
  return bavail * bsize;
}

export interface Need {
  /** Directory that will be written. */
  path: string;
  /** Free space that is required, in MiB. */
  mebibytes: number;
  /** What needs it, for the message, e.g. "the clusters and databases of a run". */
  what: string;
  /** Alternative to freeing space, for the message. */
  remedy: string;
}

/** Checks the free space. @throws DiskFull if there is less than needed */
export function requireRoom({ path, mebibytes, what, remedy }: Need, free = freeBytes): void {
  const available = Math.floor(free(path) / mebibyte);
  if (available >= mebibytes) return;
  throw new DiskFull(
    `disk full: ${path} has ${available} MiB free, but ${mebibytes} MiB are needed for ${what}; free some, or ${remedy}`,
  );
}

const signs = /\bENOSPC\b|no space left on device|database or disk is full/i;

/** Whether a message or log reports a full disk. */
export const isDiskFull = (text: string): boolean => signs.test(text);

/**
 * Returns a `DiskFull` error if a full disk caused `error`: if its message, a log of the run's directory or the free space
 * indicate it. Returns any other error unchanged.
 */
export function explainDiskFull(error: unknown, directory: string, free = freeBytes): unknown {
  if (error instanceof DiskFull) return error;
  const text = error instanceof Error ? `${error.message} ${String(error.cause ?? "")}` : String(error);
  const isFull = isDiskFull(text) || logsShowIt(join(directory, "logs")) || free(directory) < leastFree;
  return isFull ? filled(directory, free, error) : error;
}

const filled = (directory: string, free: (path: string) => number, cause?: unknown): DiskFull => {
  const left = Math.floor(free(directory) / mebibyte);
  const place = `disk full: no space left for ${directory} (${left} MiB free now)`;
  return new DiskFull(`${place}; free some, or set TMPDIR to another directory`, { cause });
};

function logsShowIt(folder: string): boolean {
  if (!existsSync(folder)) return false;
  return readdirSync(folder).some((file) => isDiskFull(readFileSync(join(folder, file), "utf8")));
}

export interface DiskWatch {
  /** Rejects with `DiskFull` once the disk is full; never resolves. */
  readonly full: Promise<never>;
  /** Ends the polling. */
  stop(): void;
}

const pollMilliseconds = 500;

/** Polls the free space during a run; otherwise its processes would fail one by one, without an obvious cause. */
export function watchDisk(directory: string, free = freeBytes): DiskWatch {
  let timer: NodeJS.Timeout | undefined;
  const full = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      if (!existsSync(directory) || free(directory) >= leastFree) return;
      clearInterval(timer);
      reject(filled(directory, free));
    }, pollMilliseconds);
    timer.unref();
  });
  full.catch(() => undefined); // still seen by whoever awaits it
  return { full, stop: () => clearInterval(timer) };
}
