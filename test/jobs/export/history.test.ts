import { expect } from "chai";
import { readHistory } from "../../../jobs/export/history.ts";
import { slotOf } from "../../../jobs/points/slot.ts";
import { manifestKey } from "../../../jobs/points/store.ts";
import { MemoryStore } from "../support/memory-store.ts";

const noon = Date.parse("2020-11-23T12:00:00Z");
const digest = "0".repeat(64);
const at = (minutes: number) => new Date(noon + minutes * 60_000);
const slotAt = (minutes: number) => slotOf(at(minutes));

describe("the history of recovery points", () => {
  let store: MemoryStore;
  let lines: string[];
  beforeEach(() => {
    store = new MemoryStore();
    lines = [];
  });

  const shared = (minutes: number, changed: object) => ({
    format: 1,
    slot: slotAt(minutes),
    snapshotAt: at(minutes).toISOString(),
    finishedAt: at(minutes).toISOString(),
    database: { namespace: "vapora", name: "main", version: "3" },
    writer: { site: "primary", epoch: 1 },
    parts: [],
    tablesWithoutFeed: [],
    sequences: {},
    encryption: { algorithm: "none" },
    ...changed,
  });
  const full = (minutes: number, ledger: number, changed: object = {}) =>
    store.putJson(manifestKey("full", slotAt(minutes)), {
      ...shared(minutes, changed),
      kind: "full",
      parent: null,
      feedPosition: "0",
      rows: ledger,
      tables: {
        ledger: { rows: ledger, digest, feed: true, view: false },
        totals: { rows: 1, digest, feed: false, view: true },
      },
      definitions: { digest, sections: {}, leftOut: [] },
      accesses: [],
    });
  const changes = (minutes: number, ledger: number | undefined, changed: object = {}) =>
    store.putJson(manifestKey("changes", slotAt(minutes)), {
      ...shared(minutes, changed),
      kind: "changes",
      full: slotAt(0),
      parent: { kind: "full", slot: slotAt(0) },
      fromVersionstamp: "0",
      toVersionstamp: "0",
      definitionsDigest: digest,
      changesets: 0,
      changes: 0,
      tables: {},
      ...(ledger === undefined ? {} : { rowCounts: { ledger } }),
    });
  const marked = (minutes: number, since = minutes) => ({
    suspicious: { since: `changes ${slotAt(since)}`, reasons: ["x"] },
    slot: slotAt(minutes),
  });
  const decide = (minutes: number, decision: string) =>
    store.putJson(`control/decisions/changes-${slotAt(minutes)}.json`, {
      decision,
      by: "a",
      at: at(0).toISOString(),
      reason: "b",
    });
  const read = (minutes: number) =>
    readHistory({
      store: store as never,
      writer: { site: "primary", epoch: 1, since: at(-1000).toISOString() },
      since: at(minutes - 60).getTime(),
      lateSeconds: 1500,
      log: (line) => void lines.push(line),
    });
  const rows = async (minutes: number) => (await read(minutes)).map(({ rows }) => rows?.["ledger"]);

  it("contains both kinds in snapshot order, without views", async () => {
    await full(0, 10);
    await changes(10, 11);
    await full(15, 12, { snapshotAt: at(5).toISOString() });
    const found = await read(20);
    expect(found.map(({ rows }) => rows)).to.deep.equal([{ ledger: 10 }, { ledger: 12 }, { ledger: 11 }]);
    expect(found[0]?.name).to.equal(`full ${slotAt(0)}`);
  });

  it("goes back no further than necessary", async () => {
    await full(-120, 1);
    await full(0, 2);
    await changes(10, 3);
    expect(await rows(30)).to.deep.equal([2, 3]);
    expect(await rows(600), "after a pause").to.deep.equal([3]);
  });

  it("goes back to the newest recovery point before a suspicious series, however long", async () => {
    await full(0, 100);
    await changes(10, 99);
    for (let minutes = 20; minutes < 400; minutes += 10) await changes(minutes, 50, marked(minutes, 20));
    const found = await read(400);
    expect(found[0]).to.deep.include({ rows: { ledger: 99 }, mark: undefined });
    expect(new Set(found.slice(1).map(({ mark }) => mark))).to.deep.equal(new Set(["undecided"]));
  });

  it("includes decisions about a series and ignores unreadable ones", async () => {
    await full(0, 100);
    for (const minutes of [10, 20, 30]) await changes(minutes, 50, marked(minutes));
    await decide(10, "accept");
    await decide(20, "reject");
    store.objects.set(`control/decisions/changes-${slotAt(30)}.json`, Buffer.from("{"));
    expect((await read(40)).map(({ mark }) => mark)).to.deep.equal([undefined, "accepted", "rejected", "undecided"]);
    expect(lines.join()).to.contain("is ignored");
  });

  it("skips broken, foreign and future recovery points and logs them", async () => {
    await full(0, 100);
    await store.putJson("points/full/zzz/manifest.json", {});
    await store.putJson(manifestKey("full", slotAt(5)), {});
    await changes(10, 90, { writer: { site: "alternate", epoch: 1 } });
    await changes(15, 80, { snapshotAt: "2099-01-01T00:00:00.000Z" });
    expect(await rows(20)).to.deep.equal([100]);
    expect(lines).to.have.length(3);
  });

  it("searches further back if an older change export has no row counts", async () => {
    await full(-200, 100);
    await changes(0, undefined);
    expect(await rows(20)).to.deep.equal([100, undefined]);
  });
});
