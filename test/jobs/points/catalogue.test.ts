import { expect } from "chai";
import { restorable, trusted } from "../../../jobs/points/decisions.ts";
import { readCatalogue, type CatalogueArgs, type ManifestCache } from "../../../jobs/points/read-catalogue.ts";
import { decisionKey } from "../../../jobs/points/decisions.ts";
import { ContentFailures } from "../../../jobs/points/failures.ts";
import type { FullManifest, ChangesManifest } from "../../../jobs/points/manifest.ts";
import { slotOf } from "../../../jobs/points/slot.ts";
import { manifestKey } from "../../../jobs/points/store.ts";
import { ago, now, PointBucket } from "../support/bucket.ts";

describe("the catalogue of a bucket", () => {
  let bucket: PointBucket;
  let older: FullManifest;
  let full: FullManifest;
  let first: ChangesManifest;
  let second: ChangesManifest;

  beforeEach(() => {
    bucket = new PointBucket();
    older = bucket.full(120);
    full = bucket.full(60);
    first = bucket.changes(50, full);
    second = bucket.changes(40, first);
  });

  const look = (args: Partial<CatalogueArgs> = {}) => readCatalogue({ store: bucket, writer: undefined, now, ...args });
  /** Slots of the newest usable full export and of its changes. */
  async function best(args: Partial<CatalogueArgs> = {}): Promise<string[]> {
    const catalogue = await look(args);
    const [newest] = catalogue.fulls(trusted);
    return newest ? [newest, ...catalogue.chain(newest, trusted)].map(({ slot }) => slot) : [];
  }
  const refusals = async (args: Partial<CatalogueArgs> = {}) =>
    (await look(args)).refused.map(({ key, reason }) => `${key}: ${reason}`).join("\n");

  it("contains the newest full export and its changes, and reads nothing older", async () => {
    expect(await best()).to.deep.equal([full.slot, first.slot, second.slot]);
    const catalogue = await look();
    expect(catalogue.refused).to.deep.equal([]);
    expect(catalogue.find("full", older.slot)).to.equal(undefined);
    expect((await look({ since: [older.slot] })).find("full", older.slot)?.slot).to.equal(older.slot);
  });

  for (const [what, key] of [
    ["a key that is not a slot, sorted last", "points/full/zzz/manifest.json"],
    ["a key that is part of a slot, sorted first", "points/full/2026/manifest.json"],
    ["an invalid calendar date", "points/full/20260231T000000Z/manifest.json"],
    ["a manifest nested too deeply", `points/full/${slotOf(ago(30))}/x/manifest.json`],
    ["a stray key among the changes", "points/changes/zzz/manifest.json"],
  ] as const) {
    it(`reports ${what} and skips it`, async () => {
      bucket.put(key, "{}");
      expect(await best()).to.deep.equal([full.slot, first.slot, second.slot]);
      expect(await refusals()).to.contain(key);
    });
  }

  for (const [what, text, reason] of [
    ["no JSON", "{", /is not JSON/],
    ["no manifest", "{}", /is not a manifest of format 1/],
    ["empty", "", /is not JSON/],
  ] as const) {
    it(`skips a full export whose manifest is ${what}`, async () => {
      bucket.put(manifestKey("full", full.slot), text);
      expect((await best())[0]).to.equal(older.slot);
      expect(await refusals()).to.match(reason);
    });

    it(`ends a chain before changes whose manifest is ${what}`, async () => {
      bucket.put(manifestKey("changes", second.slot), text);
      expect(await best()).to.deep.equal([full.slot, first.slot]);
      expect(await refusals()).to.match(reason);
    });
  }

  it("rejects a manifest that does not match its key", async () => {
    bucket.put(manifestKey("full", slotOf(ago(20))), JSON.stringify(full));
    bucket.put(manifestKey("full", slotOf(ago(10))), JSON.stringify(second));
    expect((await best())[0]).to.equal(full.slot);
    expect(await refusals())
      .to.contain(`manifest of full recovery point ${full.slot}`)
      .and.contain("manifest of changes recovery point");
  });

  it("rejects a part of another recovery point", async () => {
    bucket.full(20, { parts: full.parts });
    expect((await best())[0]).to.equal(full.slot);
    expect(await refusals()).to.contain("is outside the recovery point's prefix");
  });

  for (const field of ["snapshotAt", "finishedAt"] as const) {
    it(`refuses a full export and changes whose ${field} is in the future, and records that they claimed so`, async () => {
      const future = { [field]: "2099-01-01T00:00:00.000Z" };
      const storedAt = (kind: "full" | "changes", slot: string) => bucket.storedAt.set(manifestKey(kind, slot), ago(0));
      storedAt("full", bucket.full(20, future).slot);
      storedAt("changes", bucket.changes(30, second, future).slot);
      expect(await best()).to.deep.equal([full.slot, first.slot, second.slot]);
      const catalogue = await look();
      expect(catalogue.future).to.have.length(2);
      expect(catalogue.refused).to.have.length(2);
    });
  }

  it("refuses a slot in the future", async () => {
    bucket.full(-60 * 24, { snapshotAt: ago(1).toISOString(), finishedAt: ago(1).toISOString() });
    expect((await best())[0]).to.equal(full.slot);
    expect(await refusals()).to.match(/slot .* is in the future/);
  });

  it("refuses what a wrong clock dated ahead even after that time: it arrived in the bucket earlier", async () => {
    const ahead = bucket.full(20, { snapshotAt: ago(20 - 120).toISOString() });
    const storedAt = ago(19);
    bucket.storedAt.set(manifestKey("full", ahead.slot), storedAt);
    expect((await best())[0]).to.equal(full.slot);
    const later = now + 3 * 3600_000;
    expect((await best({ now: later }))[0]).to.equal(full.slot);
    expect(await refusals({ now: later })).to.contain(
      `later than its arrival in the bucket, ${storedAt.toISOString()}`,
    );
  });

  it("waits until a recovery point dated slightly ahead is due, then uses it", async () => {
    const close = bucket.full(20, { snapshotAt: new Date(ago(20).getTime() + 120_000).toISOString() });
    expect((await best({ now: ago(20).getTime() }))[0]).to.equal(full.slot);
    expect((await best())[0]).to.equal(close.slot);
  });

  it("tolerates clocks that differ by a few seconds", async () => {
    const close = bucket.full(20, { snapshotAt: new Date(ago(20).getTime() + 30_000).toISOString() });
    expect((await best())[0]).to.equal(close.slot);
    expect(await refusals()).to.equal("");
  });

  it("waits for a missing part, uses older recovery points meanwhile, and reports it after a while", async () => {
    const late = bucket.full(5);
    bucket.objects.delete(late.parts[0]?.key ?? "");
    expect(await best()).to.deep.equal([full.slot, first.slot, second.slot]);
    const catalogue = await look();
    expect([catalogue.refused.length, catalogue.waiting.length]).to.deep.equal([0, 1]);
    expect(await refusals({ now: now + 3600_000 })).to.contain("data-1.zst is missing");
    bucket.put(late.parts[0]?.key ?? "", "content");
    expect((await best())[0]).to.equal(late.slot);
  });

  it("refuses a part of another size", async () => {
    bucket.put(second.parts[0]?.key ?? "", "shorter");
    bucket.put(second.parts[0]?.key ?? "", "short");
    expect(await best()).to.deep.equal([full.slot, first.slot]);
    expect(await refusals()).to.contain("has 5 bytes, expected 7");
  });

  it("waits for a missing parent, and reports the orphan after a while", async () => {
    bucket.objects.delete(manifestKey("changes", first.slot));
    expect(await best()).to.deep.equal([full.slot]);
    expect(await refusals()).to.contain(`its parent, changes ${first.slot}, is missing`);
    bucket.storedAt.set(manifestKey("changes", second.slot), ago(3));
    expect(await refusals()).to.equal("");
    expect((await look()).waiting).to.have.length(1);
  });

  it("skips invalid content until its objects change or a backoff has elapsed", async () => {
    const failures = new ContentFailures();
    const point = (await look()).find("full", full.slot);
    if (!point) throw new Error("no point");
    failures.note(point, "a hash differs", now);
    expect((await best({ failures }))[0]).to.equal(older.slot);
    expect(await refusals({ failures })).to.contain("a hash differs");
    expect((await best({ failures, now: now + 61_000 }))[0]).to.equal(full.slot);
    failures.note(point, "a hash differs", now + 61_000);
    expect((await best({ failures, now: now + 122_000 }))[0]).to.equal(older.slot);
    bucket.put(full.parts[0]?.key ?? "", "CONTENT"); // the same size
    expect((await best({ failures, now: now + 122_000 }))[0]).to.equal(full.slot);
  });

  it("skips an unreadable manifest; a transient failure is not a refusal", async () => {
    const denied = Object.assign(new Error("AccessDenied"), { $metadata: { httpStatusCode: 403 } });
    bucket.failing.set(manifestKey("full", full.slot), denied);
    expect((await best())[0]).to.equal(older.slot);
    expect(await refusals()).to.contain("AccessDenied");
    const slow = Object.assign(new Error("SlowDown"), { name: "SlowDown", $metadata: { httpStatusCode: 503 } });
    bucket.failing.set(manifestKey("full", full.slot), slow);
    expect((await best())[0]).to.equal(older.slot);
    expect(await refusals()).to.equal("");
    expect((await look()).waiting).to.have.length(1);
  });

  it("refuses recovery points of a superseded writer", async () => {
    const writer = { site: "alternate" as const, epoch: 2, since: ago(45).toISOString() };
    expect(await best({ writer })).to.deep.equal([full.slot, first.slot]);
    expect(await refusals({ writer })).to.contain("alternate has been the writer");
  });

  it("waits for the record of a recovery point in a later epoch, and refuses it if none arrives", async () => {
    bucket.add({ ...second, writer: { site: "alternate", epoch: 77 } });
    const record = { site: "primary" as const, epoch: 1, since: ago(600).toISOString() };
    for (const writer of [undefined, record]) {
      expect(await best({ writer })).to.deep.equal([full.slot, first.slot]);
      expect(await refusals({ writer, settleSeconds: 0 })).to.match(/its epoch is 77, but /);
      const { refused, waiting } = await look({ writer, settleSeconds: 3600 });
      expect([refused, waiting.map(({ key }) => key)]).to.deep.equal([[], [manifestKey("changes", second.slot)]]);
    }
    expect(await best({ writer: { site: "alternate", epoch: 77, since: second.snapshotAt } })).to.include(second.slot);
  });

  it("does not read an oversized manifest", async () => {
    const list = async (prefix: string, after?: string) =>
      (await bucket.list(prefix, after)).map((object) =>
        object.key === manifestKey("changes", second.slot) ? { ...object, bytes: 17 * 1024 * 1024 } : object,
      );
    const store = { list, read: bucket.read.bind(bucket) };
    expect(await best({ store })).to.deep.equal([full.slot, first.slot]);
    expect(await refusals({ store })).to.match(/the limit is 16777216/);
  });

  it("reads each manifest once across scans, and forgets removed ones", async () => {
    const cache: ManifestCache = new Map();
    let reads = 0;
    const store = { list: bucket.list.bind(bucket), read: async (key: string) => (reads++, bucket.read(key)) };
    await look({ store, cache });
    expect(reads).to.equal(3);
    await look({ store, cache });
    expect(reads).to.equal(3);
    bucket.put(manifestKey("changes", second.slot), "{");
    await look({ store, cache });
    expect(reads).to.equal(4);
    bucket.objects.delete(manifestKey("changes", second.slot));
    await look({ store, cache });
    expect(cache.size).to.equal(2);
  });

  describe("with suspicious recovery points", () => {
    const decide = (decision: string, kind = "changes", slot = second.slot) =>
      bucket.putJson(decisionKey(`${kind} ${slot}`), { decision, by: "ada", at: ago(1).toISOString(), reason: "x" });

    beforeEach(() => {
      const suspicious = { since: `changes ${second.slot}`, reasons: ["table ledger lost half of its rows"] };
      bucket.add({ ...second, suspicious });
      bucket.full(30, { suspicious });
    });

    it("ends before them until a decision", async () => {
      expect(await best()).to.deep.equal([full.slot, first.slot]);
      expect((await look()).undecided).to.have.length(2);
      const catalogue = await look();
      expect(catalogue.fulls(restorable)[0]?.slot).to.equal(slotOf(ago(30)));
    });

    it("uses all of an accepted series", async () => {
      await decide("accept");
      expect(await best()).to.deep.equal([slotOf(ago(30))]);
      expect((await look()).undecided).to.have.length(0);
    });

    it("uses none of a rejected series, which counts as decided", async () => {
      await decide("reject");
      expect(await best()).to.deep.equal([full.slot, first.slot]);
      const catalogue = await look();
      expect(catalogue.undecided).to.have.length(0);
      expect(catalogue.fulls(restorable)[0]?.slot).to.equal(full.slot);
    });

    it("treats an unreadable decision as none, and reports it", async () => {
      bucket.put(decisionKey(`changes ${second.slot}`), '{"decision":"accepted"}');
      expect(await best()).to.deep.equal([full.slot, first.slot]);
      expect(await refusals())
        .to.contain("control/decisions/changes-")
        .and.contain("it is not a valid decision");
    });
  });
});
