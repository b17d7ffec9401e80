import { createHash, randomBytes } from "node:crypto";
import { zstdCompressSync } from "node:zlib";
import { expect } from "chai";
import fc from "fast-check";
import { PartError, readPart, writePart } from "../../../jobs/points/parts.ts";
import { MemoryStore } from "../support/memory-store.ts";

async function* pieces(...content: Buffer[]) {
  yield* content;
}

async function* releasing(content: Buffer, release: () => void) {
  try {
    for (const byte of content) yield Buffer.of(byte);
  } finally {
    release();
  }
}

async function contentOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const got: Buffer[] = [];
  for await (const piece of stream) got.push(piece);
  return Buffer.concat(got);
}

async function refusal(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("parts of a recovery point", () => {
  const content = Buffer.from("the same line, many times\n".repeat(5000));
  let store: MemoryStore;
  beforeEach(() => (store = new MemoryStore()));

  it("round-trip unchanged", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 8 }), async (arrays) => {
        const whole = Buffer.concat(arrays);
        const part = await writePart(store, "p/", pieces(...arrays.map((array) => Buffer.from(array))), 3);
        expect((await contentOf(readPart(store, part))).equals(whole)).to.equal(true);
        expect(part.contentBytes).to.equal(whole.length);
      }),
      { numRuns: 20 },
    );
  });

  for (const [what, end] of [
    ["one frame", Buffer.of()],
    ["an empty frame at the end, as Node's compressor often appends", Buffer.from("28b52ffd2000010000", "hex")],
  ] as const) {
    it(`are read whatever pieces the store delivers: ${what}`, async () => {
      const plain = randomBytes(700);
      const whole = Buffer.concat([zstdCompressSync(plain), end]);
      const sha = (data: Buffer) => createHash("sha256").update(data).digest("hex");
      const digests = { sha256: sha(whole), contentSha256: sha(plain) };
      const sizes = { bytes: whole.length, contentBytes: plain.length };
      const part = { key: "p/data", compression: "zstd" as const, ...digests, ...sizes };
      for (let first = 1; first < whole.length; first++) {
        store.stream = async () => pieces(whole.subarray(0, first), whole.subarray(first));
        const read = await contentOf(readPart(store, part)).catch((error: unknown) =>
          expect.fail(`${first}: ${error}`),
        );
        expect(read.equals(plain)).to.equal(true);
      }
    });
  }

  it("release the store's stream when nobody reads on", async () => {
    const part = await writePart(store, "p/", pieces(content), 3);
    const whole = store.objects.get(part.key) as Buffer;
    let released = false;
    store.stream = async () => releasing(whole, () => (released = true));
    for await (const _ of readPart(store, part)) break;
    await new Promise(setImmediate);
    expect(released).to.equal(true);
  });

  it("have a unique key per attempt", async () => {
    const parts = await Promise.all([1, 2].map(() => writePart(store, "p/", pieces(content), 3)));
    expect(parts[0]?.key).not.to.equal(parts[1]?.key);
    expect(parts[0]?.sha256).to.equal(parts[1]?.sha256);
  });

  it("are rejected if a byte was changed, removed or added", async () => {
    const part = await writePart(store, "p/", pieces(content), 3);
    const good = store.objects.get(part.key) as Buffer;
    const middle = Buffer.from(good);
    middle[good.length >> 1] = (middle[good.length >> 1] ?? 0) ^ 1;
    for (const bad of [middle, good.subarray(0, -1), Buffer.concat([good, Buffer.of(0)]), Buffer.alloc(0)]) {
      store.objects.set(part.key, bad);
      expect(await refusal(contentOf(readPart(store, part)))).to.be.instanceOf(PartError);
    }
  });

  it("are refused by name when their content is another than the manifest's", async () => {
    const part = await writePart(store, "p/", pieces(content), 3);
    const problem = await refusal(contentOf(readPart(store, { ...part, contentSha256: "0".repeat(64) })));
    expect(problem).to.be.instanceOf(PartError);
    expect(String(problem)).to.contain(`${part.key} does not match its manifest: the content's SHA-256 differs`);
  });

  it("are not considered bad after a transient failure of the store", async () => {
    const part = await writePart(store, "p/", pieces(content), 3);
    const reset = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
    const broken = async function* () {
      yield (store.objects.get(part.key) as Buffer).subarray(0, 20);
      throw reset;
    };
    store.stream = async () => broken();
    expect(await refusal(contentOf(readPart(store, part)))).to.equal(reset);
  });

  it("are not written if their source fails", async () => {
    async function* failing() {
      yield content;
      throw new Error("the source broke");
    }
    expect(await refusal(writePart(store, "p/", failing(), 3))).to.match(/the source broke/);
    expect(store.objects.size).to.equal(0);
  });
});
