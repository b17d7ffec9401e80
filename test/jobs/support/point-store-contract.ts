/** What every bucket of recovery points must do: one suite for the real store and for the fake that stands in for it. */
import { expect } from "chai";
import { bucketKeys } from "../../../contract/index.ts";
import { ManifestError } from "../../../jobs/points/manifest.ts";
import { ConditionFailed, smallObjectBytes } from "../../../jobs/points/objects.ts";
import { slotOf } from "../../../jobs/points/slot.ts";
import { manifestKey, type PointStore } from "../../../jobs/points/store.ts";
import { WriterRecordError } from "../../../jobs/points/writer.ts";
import { fullManifestOf, manifestOf } from "../../support/recovery-points.ts";

/** More than one page of a list. */
const manyObjects = 1001;

async function* streamOf(...pieces: Buffer[]): AsyncIterable<Buffer> {
  yield* pieces;
}

async function contentOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => expect.fail("it did not fail"),
    (error: unknown) => error,
  );

/** `open` gives a store on a bucket that may hold other objects; each test keeps to a prefix of its own. */
export function keepsTheContract(open: () => PointStore): void {
  let store: PointStore;
  let tests = 0;
  let prefix: string;
  beforeEach(() => {
    store = open();
    prefix = `contract/${Date.now().toString(36)}-${tests++}/`;
  });
  afterEach(() => store.close());
  const keysAfter = async (startAfter?: string) =>
    (await store.keys(prefix, startAfter)).map((key) => key.slice(prefix.length));

  it("lists by the bytes of the keys, below a prefix and after a key that need not exist", async () => {
    for (const name of ["b", "a/2", "Z", "a/10", "a", "é"]) await store.putJson(`${prefix}${name}`, {});
    await store.putJson(`${prefix.slice(0, -1)}x`, {});
    expect(await keysAfter()).to.deep.equal(["Z", "a", "a/10", "a/2", "b", "é"]);
    expect(await keysAfter(`${prefix}a/10`)).to.deep.equal(["a/2", "b", "é"]);
    expect(await keysAfter(`${prefix}a/11`)).to.deep.equal(["a/2", "b", "é"]);
    expect(await store.firstKey(prefix)).to.equal(`${prefix}Z`);
    expect(await store.firstKey(`${prefix}a/`)).to.equal(`${prefix}a/10`);
    expect(await store.firstKey(`${prefix}none`)).to.equal(undefined);
    expect(await store.list(`${prefix}none`)).to.deep.equal([]);
  });

  it("lists however many there are", async () => {
    const names = Array.from({ length: manyObjects }, (_, n) => String(n).padStart(5, "0"));
    for (let from = 0; from < names.length; from += 50)
      await Promise.all(names.slice(from, from + 50).map((name) => store.putJson(`${prefix}${name}`, {})));
    expect(await keysAfter()).to.deep.equal(names);
  });

  it("shows size, arrival and an ETag that changes with the content", async () => {
    await store.upload(`${prefix}x`, streamOf(Buffer.from("content")));
    const [before] = await store.list(prefix);
    expect(before).to.include({ key: `${prefix}x`, bytes: 7 });
    expect(Math.abs((before?.storedAt?.getTime() ?? 0) - Date.now())).to.be.below(10_000);
    await store.upload(`${prefix}x`, streamOf(Buffer.from("another")));
    const [after] = await store.list(prefix);
    expect(after?.etag).not.to.equal(before?.etag);
    const read = await store.read(`${prefix}x`);
    expect(read).to.include({ text: "another", etag: after?.etag });
    expect(Math.abs((read?.storedAt?.getTime() ?? 0) - (after?.storedAt?.getTime() ?? 0))).to.be.below(1001);
  });

  it("reads text as it was written, and tells what is not there", async () => {
    const content = { text: "naïve — 雪 \u{1f600}", nested: [1, null] };
    await store.putJson(`${prefix}x`, content);
    expect(JSON.parse((await store.text(`${prefix}x`)) ?? "")).to.deep.equal(content);
    expect(await store.read(`${prefix}none`)).to.equal(undefined);
    expect(await store.text(`${prefix}none`)).to.equal(undefined);
  });

  it("reads no object as a whole that is larger than a small one", async () => {
    await store.upload(`${prefix}x`, streamOf(Buffer.alloc(smallObjectBytes, "x")));
    expect((await store.text(`${prefix}x`))?.length).to.equal(smallObjectBytes);
    await store.upload(`${prefix}x`, streamOf(Buffer.alloc(smallObjectBytes + 1, "x")));
    expect(String(await failureOf(store.read(`${prefix}x`)))).to.match(/is too large: .*16777217 bytes/);
  });

  it("writes by condition: once where there is none, in turn where there is one", async () => {
    const key = `${prefix}x`;
    const first = await store.writeIf(key, { n: 1 }, { ifNoneMatch: "*" });
    expect((await store.read(key))?.etag).to.equal(first);
    expect(await failureOf(store.writeIf(key, { n: 2 }, { ifNoneMatch: "*" }))).to.be.instanceOf(ConditionFailed);
    const second = await store.writeIf(key, { n: 2 }, { ifMatch: first });
    expect(second).not.to.equal(first);
    expect(await failureOf(store.writeIf(key, { n: 3 }, { ifMatch: first }))).to.be.instanceOf(ConditionFailed);
    expect(JSON.parse((await store.text(key)) ?? "")).to.deep.equal({ n: 2 });
    const none = store.writeIf(`${prefix}none`, {}, { ifMatch: second });
    expect(await failureOf(none)).to.be.instanceOf(ConditionFailed);
    expect(await store.read(`${prefix}none`)).to.equal(undefined);
  });

  it("lets one of several through that write at once", async () => {
    for (const condition of [{ ifNoneMatch: "*" } as const, undefined]) {
      const etag = (await store.read(`${prefix}x`))?.etag ?? "";
      const writes = [1, 2, 3, 4, 5].map((n) =>
        store.writeIf(`${prefix}x`, { n, etag }, condition ?? { ifMatch: etag }),
      );
      const outcomes = await Promise.allSettled(writes);
      const won = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
      expect(won).to.have.length(1);
      expect((await store.read(`${prefix}x`))?.etag).to.equal(won[0]);
    }
  });

  it("streams what was streamed in: nothing, little, more than a part of an upload", async () => {
    for (const bytes of [0, 3, 9 * 1024 * 1024]) {
      const content = Buffer.alloc(bytes, "recovery point ");
      const half = Math.floor(bytes / 2);
      await store.upload(`${prefix}x`, streamOf(content.subarray(0, half), content.subarray(half)));
      expect((await contentOf(await store.stream(`${prefix}x`))).equals(content), `${bytes} bytes`).to.equal(true);
    }
    await failureOf(store.stream(`${prefix}none`).then(contentOf));
  });

  it("stores nothing of a stream that fails", async () => {
    await store.upload(`${prefix}x`, streamOf(Buffer.from("before")));
    async function* cut(): AsyncIterable<Buffer> {
      yield Buffer.alloc(100, "x");
      throw new Error("cut");
    }
    await failureOf(store.upload(`${prefix}x`, cut()));
    await failureOf(store.upload(`${prefix}y`, cut()));
    expect(await store.text(`${prefix}x`)).to.equal("before");
    expect(await keysAfter()).to.deep.equal(["x"]);
  });

  it("knows lock and encryption of what is there", async () => {
    await store.putJson(`${prefix}x`, {});
    const { lockedUntil, encryption } = await store.facts(`${prefix}x`);
    if (lockedUntil !== undefined) expect(lockedUntil.getTime()).to.be.above(Date.now());
    expect(encryption.algorithm).to.be.a("string");
    await failureOf(store.facts(`${prefix}none`));
  });

  it("finds the slots that have a manifest, from a slot on, and reads no other point's manifest", async () => {
    const times = [0, 1, 2].map((minutes) => new Date(Date.UTC(2026, 0, 15, tests % 24, minutes)));
    const [first, second, third] = times.map((time) => fullManifestOf(time));
    if (!first || !second || !third) throw new Error("three");
    await store.putJson(manifestKey("full", first.slot), first);
    await store.putJson(`${bucketKeys.fullPrefix}${second.slot}/data-1.zst`, {});
    await store.putJson(manifestKey("full", third.slot), third);
    const own = (slots: string[]) => slots.filter((slot) => times.some((time) => slotOf(time) === slot));
    expect(own(await store.slots("full"))).to.deep.equal([first.slot, third.slot]);
    expect(own(await store.slots("full", second.slot))).to.deep.equal([third.slot]);
    expect(own(await store.slots("full", third.slot))).to.deep.equal([third.slot]);
    expect(await store.manifest("full", first.slot)).to.include({ kind: "full", slot: first.slot, rows: 0 });
    expect(await store.manifest("full", second.slot)).to.equal(undefined);
    await store.putJson(manifestKey("full", second.slot), first);
    expect(String(await failureOf(store.manifest("full", second.slot)))).to.contain(
      `of full recovery point ${first.slot}`,
    );
    await store.putJson(manifestKey("full", second.slot), manifestOf(times[1] as Date));
    expect(String(await failureOf(store.manifest("full", second.slot)))).to.contain("changes recovery point");
    await store.putJson(manifestKey("full", second.slot), { half: "a manifest" });
    expect(await failureOf(store.manifest("full", second.slot))).to.be.instanceOf(ManifestError);
  });

  it("reads the writer record, and takes an unreadable one for no less than an error", async () => {
    const record = { site: "primary", epoch: 2, since: new Date(Date.now() - 1000).toISOString() };
    await store.putJson(bucketKeys.writer, record);
    expect(await store.writer()).to.deep.equal(record);
    await store.putJson(bucketKeys.writer, { ...record, epoch: "two" });
    expect(await failureOf(store.writer())).to.be.instanceOf(WriterRecordError);
  });

  it("may be closed more than once", async () => {
    await store.close();
    await store.close();
  });
}
