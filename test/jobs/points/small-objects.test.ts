import { Readable } from "node:stream";
import { expect } from "chai";
import { objectsIn, smallObjectBytes } from "../../../jobs/points/objects.ts";

describe("a small object", () => {
  const storedAt = new Date(0);
  const answering = (bytes: number) => {
    const body = Object.assign(Readable.from(["text"]), { transformToString: async () => "text" });
    const s3 = { send: async () => ({ Body: body, ETag: "e", ContentLength: bytes, LastModified: storedAt }) };
    return { body, objects: objectsIn(s3 as never, "points") };
  };

  it("is read completely up to the limit", async () => {
    const { objects } = answering(smallObjectBytes);
    expect(await objects.read("key")).to.deep.equal({ text: "text", etag: "e", storedAt });
  });

  it("is not read above it, and its transfer stops", async () => {
    const { objects, body } = answering(smallObjectBytes + 1);
    const error = await objects.read("key").catch((reason: unknown) => reason);
    expect(String(error)).to.match(/points\/key is too large: it has 16777217 bytes/);
    expect(body.destroyed).to.equal(true);
  });
});
