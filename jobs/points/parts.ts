/** Parts of a recovery point: compressed and hashed on the way in, checked on the way out. */
import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createZstdCompress, createZstdDecompress } from "node:zlib";
import { messageOf } from "../result.ts";
import { ContentError, isPassing } from "./failures.ts";
import type { Part } from "./manifest.ts";
import type { PointStore } from "./store.ts";

/** A part that is not what its manifest says. */
export class PartError extends ContentError {}

/** Compresses, hashes and uploads a stream; a name of its own per attempt, so that a retry cannot touch an older part. */
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
  // The pipeline reports whichever side fails first, and stops the other.
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

/** Content of a part; the last step throws when size or hash is not what the manifest says. */
export async function* readPart(store: PointStore, part: Part): AsyncIterable<Buffer> {
  const stored = meter();
  const plain = meter();
  const decompress = createZstdDecompress();
  const source = Readable.from(stored.through(await store.stream(part.key)), { objectMode: false });
  // The store's own failures say nothing about the part.
  let lost: unknown;
  source.once("error", (error) => (lost = error));
  const unreadable = (error: unknown): unknown =>
    isPassing(lost) ? lost : new PartError(`${part.key} cannot be read: ${messageOf(error)}`);
  const failed = pipeline(source, decompress).catch((error: Error) => error);
  try {
    yield* plain.through(decompress as AsyncIterable<Buffer>);
  } catch (error) {
    throw unreadable(error);
  }
  const error = await failed;
  if (error instanceof Error) throw unreadable(error);
  if (stored.digest() !== part.sha256 || stored.bytes() !== part.bytes) {
    throw new PartError(`${part.key} is not what its manifest says: ${stored.bytes()} bytes, ${part.bytes} expected`);
  }
  if (plain.digest() !== part.contentSha256) throw new PartError(`${part.key}: the content's hash differs`);
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
