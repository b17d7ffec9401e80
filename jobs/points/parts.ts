/** Parts of a recovery point: compressed and hashed on upload, verified on download. */
import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
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
  const source = Readable.from(stored.through(await store.stream(part.key)), { objectMode: false });
  try {
    yield* plain.through(decompressed(source));
  } catch (error) {
    // A transient failure of the store says nothing about the part.
    throw isPassing(source.errored) ? source.errored : new PartError(`cannot read ${part.key}: ${messageOf(error)}`);
  }
  if (stored.digest() !== part.sha256 || stored.bytes() !== part.bytes) {
    throw new PartError(`${part.key} does not match its manifest: ${stored.bytes()} bytes, expected ${part.bytes}`);
  }
  if (plain.digest() !== part.contentSha256)
    throw new PartError(`${part.key} does not match its manifest: the content's SHA-256 differs`);
}

/**
 * Decompresses a source and reads it to its end. Node's compressor often appends an empty frame (nodejs/node#66078), and
 * its decompressor ends with the first frame without finishing its writes (nodejs/node#64741), which a pipeline takes
 * for a broken stream, depending on where the store's pieces begin.
 */
async function* decompressed(source: Readable): AsyncIterable<Buffer> {
  const decompress = createZstdDecompress();
  decompress.on("error", () => undefined); // the iterator throws it; nobody would after the end
  source.once("error", (error) => decompress.destroy(error));
  source.pipe(decompress);
  try {
    yield* decompress.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    source.unpipe(decompress).resume();
    await finished(source, { writable: false });
  } finally {
    source.destroy();
    decompress.destroy();
  }
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
