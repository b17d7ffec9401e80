import { expect } from "chai";
import type { Changeset } from "../../../jobs/database/feed.ts";
import { decodeFrames, encodeFrame } from "../../../jobs/points/changes.ts";

async function* pieces(content: Buffer, size: number): AsyncIterable<Buffer> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
}

async function decoded(content: Buffer, size: number): Promise<Changeset[]> {
  const found: Changeset[] = [];
  for await (const changeset of decodeFrames(pieces(content, size))) found.push(changeset);
  return found;
}

const changeset = (n: number, text = "x"): Changeset => ({ versionstamp: BigInt(n), changes: [{ n, text }] });

describe("the frames of changes", () => {
  const all = [changeset(1), changeset(2, "y".repeat(70)), { versionstamp: 3n, changes: [] }, changeset(4)];
  const content = Buffer.concat(all.map(encodeFrame));

  it("round-trip regardless of chunk boundaries", async () => {
    for (let size = 1; size <= content.length; size++) {
      expect(await decoded(content, size), `pieces of ${size}`).to.deep.equal(all);
    }
  });

  it("must not end within a transaction", async () => {
    const cut = content.subarray(0, -1);
    const error = await decoded(cut, 10).catch((reason: unknown) => reason);
    expect(String(error)).to.contain("end in the middle of a transaction");
  });

  it("take time proportional to their size: a large transaction is joined once", async () => {
    const large = changeset(1, "z".repeat(16_000_000));
    const startedAt = performance.now();
    expect(await decoded(encodeFrame(large), 1000)).to.have.length(1);
    expect(performance.now() - startedAt).to.be.below(4000); // joining on every chunk would copy 128 GB
  });
});
