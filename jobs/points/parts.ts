/** Parts of a recovery point: compressed and hashed on upload, verified on download. */
import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createZstdCompress, createZstdDecompress } from "node:zlib";
import { messageOf } from "../result.ts";
import { ContentError, isPassing } from "./failures.ts";
import type { Part } from "./manifest.ts";
import type { PointStore } from "./store.ts";

/** A part that does not match its manifest. */
export class PartError extends ContentError {}

/**
 * Compresses, hashes and uploads a stream under a key unique to the attempt, so that a retry cannot touch an existing
 * part.
 */
export async function writePart(
  store: PointStore,
  prefix: string,
  content: AsyncIterable<Buffer>,
  level: number,
): Promise<Part> {
  const key = `${prefix}data-${randomBytes(4).toString("hex")}.zst`;
  const plain = meter();
  const stored = meter();
  const compress = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: level } });
  // The pipeline reports whichever side fails first and stops the other.
  await pipeline(Readable.from(plain.through(content), { objectMode: false }), compress, (compressed) =>
    store.upload(key, stored.through(compressed as AsyncIterable<Buffer>)),
  );
  return {
    key,
    sha256: stored.digest(),
    bytes: stored.bytes(),
    compression: "zstd",
    contentSha256: plain.digest(),
    contentBytes: plain.bytes(),
  };
}

/** Streams the content of a part; throws at the end if size or hash do not match the manifest. */
export async function* readPart(store: PointStore, part: Part): AsyncIterable<Buffer> {
  const stored = meter();
  const plain = meter();
  const decompress = createZstdDecompress();
  const source = Readable.from(stored.through(await store.stream(part.key)), { objectMode: false });
  // A transient failure of the store says nothing about the part.
  let lost: unknown;
  source.once("error", (error) => (lost = error));
  const unreadable = (error: unknown): unknown =>
    isPassing(lost) ? lost : new PartError(`cannot read ${part.key}: ${messageOf(error)}`);
  const failed = pipeline(source, decompress).catch((error: Error) => error);
  try {
    yield* plain.through(decompress as AsyncIterable<Buffer>);
  } catch (error) {
    throw unreadable(error);
  }
  const error = await failed;
  if (error instanceof Error) throw unreadable(error);
  if (stored.digest() !== part.sha256 || stored.bytes() !== part.bytes) {
    throw new PartError(`${part.key} does not match its manifest: ${stored.bytes()} bytes, expected ${part.bytes}`);
  }
  if (plain.digest() !== part.contentSha256)
    throw new PartError(`${part.key} does not match its manifest: the content's SHA-256 differs`);
}

function meter() {
  const hash = createHash("sha256");
  let total = 0;
  let sum: string | undefined;
  return {
    async *through(source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
      for await (const piece of source) {
        hash.update(piece);
        total += piece.length;
        yield piece;
      }
    },
    bytes: () => total,
    digest: () => (sum ??= hash.digest("hex")),
  };
}
