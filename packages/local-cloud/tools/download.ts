/** Downloads files of releases, where they can be reached, and compares them with the published checksums. */
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

export interface Remote {
  url: string;
  /** Where its SHA-256 is published: alone, or in a list of lines with a digest and a file name. */
  checksums: string;
}

export interface DownloadLimits {
  /** A machine without access must not wait for it. */
  answerMilliseconds: number;
  /** Without a byte for so long, nothing more is expected. */
  stallMilliseconds: number;
  /** A download that would take longer than building is none. */
  totalMilliseconds: number;
  /** How long a download must last before its speed says how long it would take. */
  judgeMilliseconds: number;
}

const usual: DownloadLimits = {
  answerMilliseconds: 4_000,
  stallMilliseconds: 10_000,
  totalMilliseconds: 240_000,
  judgeMilliseconds: 10_000,
};

/** Something cannot be downloaded here, or not as it was published: it has to be built. */
export class NotDownloaded extends Error {
  override name = "NotDownloaded";
}

/** The published digest of a file; undefined where it cannot be had, or not soon. */
export async function publishedDigest({ url, checksums }: Remote, limits = usual): Promise<string | undefined> {
  try {
    const { body } = await answer(checksums, limits);
    const signal = AbortSignal.timeout(limits.stallMilliseconds);
    let text = "";
    for await (const chunk of Readable.fromWeb(body, { signal })) text += String(chunk);
    return digestOf(text, url.split("/").at(-1) ?? "");
  } catch {
    return undefined; // no name, no route, no answer, no such release
  }
}

/** The digest of a file in the text of a checksum file. */
function digestOf(text: string, file: string): string | undefined {
  const lines = text.split("\n").map((line) => line.trim().split(/\s+/));
  const line = lines.find(([, name]) => name?.replace(/^\*/, "") === file) ?? lines.find((parts) => parts.length === 1);
  const digest = line?.[0]?.toLowerCase() ?? "";
  return /^[0-9a-f]{64}$/.test(digest) ? digest : undefined;
}

export interface Download {
  url: string;
  /** SHA-256. */
  digest: string;
  path: string;
  /** Ends it. */
  signal?: AbortSignal;
}

/**
 * Writes the file to its path; `received` takes how many of how many bytes have come.
 * @throws NotDownloaded if it does not come, too slowly, or is another one; then there may be a part of it
 */
export async function download(
  { url, digest, path, signal }: Download,
  received: (bytes: number, total: number) => void = () => undefined,
  limits = usual,
): Promise<void> {
  const { body, total } = await answer(url, limits);
  const hash = createHash("sha256");
  const watch = new Watch(url, total, limits);
  try {
    const measure = new Transform({
      transform(chunk: Buffer, _, done) {
        hash.update(chunk);
        const bytes = watch.count(chunk.length);
        if (total > 0) received(bytes, total);
        done(null, chunk);
      },
    });
    const file = createWriteStream(path, { mode: 0o755 });
    await pipeline(Readable.fromWeb(body), measure, file, {
      signal: signal ? AbortSignal.any([signal, watch.signal]) : watch.signal,
    });
  } catch (error) {
    throw watch.signal.aborted ? watch.signal.reason : notDownloaded(url, error);
  } finally {
    watch.stop();
  }
  const found = hash.digest("hex");
  if (found === digest) return;
  throw new NotDownloaded(`${url} has SHA-256 ${found}, but ${digest} is published`);
}

type Body = NonNullable<Response["body"]>;

/** The body of a successful answer that begins in time, and its length; 0 if that is not known. */
async function answer(url: string, { answerMilliseconds }: DownloadLimits): Promise<{ body: Body; total: number }> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), answerMilliseconds);
  try {
    const response = await fetch(url, { signal: late.signal, headers: { "accept-encoding": "identity" } });
    if (response.ok && response.body)
      return { body: response.body, total: Number(response.headers.get("content-length")) };
    await response.body?.cancel();
    throw new NotDownloaded(`${url} answered ${response.status}`);
  } catch (error) {
    if (late.signal.aborted) throw new NotDownloaded(`${url} did not answer within ${answerMilliseconds / 1000} s`);
    throw notDownloaded(url, error);
  } finally {
    clearTimeout(timer);
  }
}

function notDownloaded(url: string, error: unknown): NotDownloaded {
  if (error instanceof NotDownloaded) return error;
  const { message, cause } = error as Error;
  return new NotDownloaded(`${url}: ${cause instanceof Error ? cause.message : message}`, { cause: error });
}

/** Gives up on a download that has stopped, or would take too long. */
class Watch {
  readonly #abort = new AbortController();
  readonly #began = Date.now();
  readonly #url: string;
  readonly #total: number;
  readonly #limits: DownloadLimits;
  readonly #stalled: NodeJS.Timeout;
  #bytes = 0;

  constructor(url: string, total: number, limits: DownloadLimits) {
    this.#url = url;
    this.#total = total;
    this.#limits = limits;
    const { stallMilliseconds } = limits;
    this.#stalled = setTimeout(() => this.#end(`nothing came for ${stallMilliseconds / 1000} s`), stallMilliseconds);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  count(bytes: number): number {
    this.#stalled.refresh();
    this.#bytes += bytes;
    const elapsed = Date.now() - this.#began;
    const expected = this.#total > 0 ? (elapsed * this.#total) / this.#bytes : elapsed;
    const { judgeMilliseconds, totalMilliseconds } = this.#limits;
    if (elapsed >= judgeMilliseconds && expected > totalMilliseconds)
      this.#end(`would take ${Math.round(expected / 1000)} s`);
    return this.#bytes;
  }

  stop(): void {
    clearTimeout(this.#stalled);
  }

  #end(why: string): void {
    this.#abort.abort(new NotDownloaded(`${this.#url}: ${why}`));
  }
}
