import { expect } from "chai";
import { bucketKeys } from "../../../contract/index.ts";
import { ConditionFailed } from "../../../jobs/points/objects.ts";
import { epochLimit, isCredibleEpoch } from "../../../jobs/points/epochs.ts";
import {
  parseWriter,
  readWriter,
  replaceWriter,
  standingOf,
  writeWriter,
  WriterRecordError,
} from "../../../jobs/points/writer.ts";
import { MemoryStore } from "../support/memory-store.ts";

const since = "2026-11-23T10:00:00.000Z";
const now = Date.parse("2026-11-23T12:00:00Z");
const good = { site: "primary" as const, epoch: 2, since };

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("a writer record", () => {
  const parsed = (content: unknown) => parseWriter(JSON.stringify(content), "points-primary", "e", now);

  it("round-trips unchanged", () => expect(parsed(good)).to.deep.equal(good));

  for (const [what, content, problem] of [
    ["no object", null, /content: /],
    ["an unknown site", { ...good, site: "third" }, /site: /],
    ["no epoch", { site: "primary", since }, /epoch: /],
    ["epoch 0", { ...good, epoch: 0 }, /epoch: /],
    ["half an epoch", { ...good, epoch: 1.5 }, /epoch: /],
    ["an implausible epoch", { ...good, epoch: epochLimit }, /epoch: /],
    ["the highest epoch that a number can represent", { ...good, epoch: Number.MAX_SAFE_INTEGER }, /epoch: /],
    ["an epoch in words", { ...good, epoch: "2" }, /epoch: /],
    ["no time", { site: "primary", epoch: 1 }, /since: /],
    ["an invalid time", { ...good, since: "yesterday" }, /since: /],
    ["a time in the future", { ...good, since: "2026-11-23T12:01:01.000Z" }, /since: .* is in the future/],
    ["several problems at once", { site: "x", epoch: -1 }, /site: .*epoch: .*since: /],
  ] as const) {
    it(`is an error with bucket, key and problem for ${what}`, () => {
      expect(() => parsed(content))
        .to.throw(
          WriterRecordError,
          /^points-primary\/control\/writer\.json is not a valid writer record: .*`continuity writer set`$/,
        )
        .with.property("message")
        .that.matches(problem);
    });
  }

  it("may have any epoch below the limit; new ones are derived only from those that leave room for one more", () => {
    expect(parsed({ ...good, epoch: epochLimit - 1 }).epoch).to.equal(epochLimit - 1);
    const around = [epochLimit - 2, epochLimit - 1, epochLimit];
    expect(around.map(isCredibleEpoch)).to.deep.equal([true, false, false]);
  });

  it("is an error if it is not JSON", () =>
    expect(() => parseWriter("{", "b")).to.throw(WriterRecordError, /b\/control\/writer\.json .* not JSON/));

  it("may be from a clock that is slightly ahead", () =>
    expect(parsed({ ...good, since: "2026-11-23T12:00:59.000Z" }).epoch).to.equal(2));
});

describe("changing the writer record", () => {
  const next = { ...good, site: "alternate" as const, epoch: 3 };
  let store: MemoryStore;
  beforeEach(() => (store = new MemoryStore()));

  it("creates the first one, once", async () => {
    expect(await readWriter(store)).to.equal(undefined);
    await writeWriter(store, good, undefined);
    expect((await readWriter(store))?.writer).to.deep.equal(good);
    expect(await failure(writeWriter(store, next, undefined))).to.be.instanceOf(ConditionFailed);
    expect((await readWriter(store))?.writer).to.deep.equal(good);
  });

  it("replaces the version that was read, not a concurrent change", async () => {
    const seen = await writeWriter(store, good, undefined);
    const first = await writeWriter(store, next, seen);
    const late = { ...good, epoch: 4 };
    expect(await failure(writeWriter(store, late, seen))).to.be.instanceOf(ConditionFailed);
    expect((await writeWriter(store, late, first)).writer.epoch).to.equal(4);
  });

  it("never keeps or lowers the epoch, except for an identical record", async () => {
    const seen = await writeWriter(store, next, undefined);
    for (const epoch of [1, 3]) {
      expect(String(await failure(writeWriter(store, { ...good, epoch }, seen)))).to.match(/not above epoch 3/);
    }
    expect(await writeWriter(store, next, seen)).to.deep.equal(seen);
    expect((await readWriter(store))?.writer).to.deep.equal(next);
  });

  it("accepts its own record after a lost response", async () => {
    await writeWriter(store, good, undefined);
    expect((await writeWriter(store, good, undefined)).writer).to.deep.equal(good);
  });

  it("replaces an invalid one by the ETag in the error", async () => {
    await store.putJson(bucketKeys.writer, { site: "nobody" });
    const error = (await failure(readWriter(store))) as WriterRecordError;
    expect(error).to.be.instanceOf(WriterRecordError);
    await replaceWriter(store, next, { ifMatch: error.etag ?? "" });
    expect((await readWriter(store))?.writer).to.deep.equal(next);
  });

  it("never writes an invalid record", async () => {
    for (const epoch of [0, epochLimit]) {
      const error = await failure(writeWriter(store, { ...good, epoch }, undefined));
      expect(String(error)).to.match(
        /^Error: memory: primary in epoch \d+ is not a valid writer record: epoch: .*`continuity writer set`$/,
      );
    }
    expect(await readWriter(store)).to.equal(undefined);
  });
});

describe("the relation of a record to a site in epoch 5", () => {
  for (const [standing, writer] of [
    ["unclaimed", undefined],
    ["writer", { site: "primary", epoch: 5, since }],
    ["ahead", { site: "primary", epoch: 6, since }],
    ["superseded", { site: "alternate", epoch: 6, since }],
    ["contradicted", { site: "alternate", epoch: 5, since }],
    ["stale", { site: "alternate", epoch: 4, since }],
    ["stale", { site: "primary", epoch: 4, since }],
  ] as const) {
    const record = writer ? `${writer.site} in epoch ${writer.epoch}` : "none";
    it(`is ${standing}: ${record}`, () => expect(standingOf(writer, "primary", 5)).to.equal(standing));
  }
});
