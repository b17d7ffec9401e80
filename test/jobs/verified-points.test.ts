import { expect } from "chai";
import { bucketKeys, standbyEvidenceKey } from "../../contract/index.ts";
import type { Evidence } from "../../jobs/evidence.ts";
import { decisionKey } from "../../jobs/points/decisions.ts";
import type { ChangesManifest } from "../../jobs/points/manifest.ts";
import { slotOf } from "../../jobs/points/slot.ts";
import { manifestKey } from "../../jobs/points/store.ts";
import { isVerified, newestVerified } from "../../jobs/verified-points.ts";
import { evidenceOf, manifestOf } from "../support/recovery-points.ts";
import { MemoryStore } from "./support/memory-store.ts";

let startedAt: number;
const denied = Object.assign(new Error("AccessDenied"), { $metadata: { httpStatusCode: 403 } });
const minutes = (count: number): Date => new Date(startedAt + count * 60_000);

describe("the newest verified recovery point", () => {
  let store: MemoryStore;
  let good: Date;
  let later: Date;
  beforeEach(async () => {
    // Not at load time: tests of other files may run for minutes before.
    startedAt = Date.now();
    [good, later] = [minutes(-30), minutes(-10)];
    store = new MemoryStore();
    await put(good);
  });

  /** A recovery point and its evidence, complete except for what is changed. */
  async function put(time: Date, evidence: Partial<Evidence> = {}, manifest: Partial<ChangesManifest> = {}) {
    await store.putJson(standbyEvidenceKey(slotOf(time)), evidenceOf(time, evidence));
    await store.putJson(manifestKey("changes", slotOf(time)), manifestOf(time, manifest));
  }
  const newest = async () => (await newestVerified(store, "alternate")).newest?.slot;
  const refused = async () => (await newestVerified(store, "alternate")).refused;

  it("is returned with its age", async () => {
    const { newest: point, refused: none } = await newestVerified(store, "alternate");
    expect(point).to.include({ slot: slotOf(good), kind: "changes", snapshotAt: good.toISOString() });
    expect(point?.ageSeconds).to.be.within(1800, 1810);
    expect(none).to.deep.equal([]);
  });

  for (const [what, spoil, reason] of [
    ["was not verified", () => put(later, { verified: false, differences: ["table a differs"] }), /table a differs/],
    ["is verified despite differences", () => put(later, { differences: ["table a differs"] }), /despite differences/],
    ["is by another job", () => put(later, { by: "restore-verify" }), /by restore-verify/],
    ["names another point", () => put(later, { slot: slotOf(good) }), /evidence of/],
    [
      "has another snapshot than its recovery point",
      () => put(later, { snapshotAt: minutes(-9).toISOString() }),
      /recovery point's snapshot is .*, not /,
    ],
    ["has another epoch than its recovery point", () => put(later, { epoch: 7 }), /has epoch 1, not 7/],
    ["is incomplete", () => store.upload(standbyEvidenceKey(slotOf(later)), bytes('{"by":')), /not JSON/],
    ["is something else", () => store.putJson(standbyEvidenceKey(slotOf(later)), [1]), /malformed: content/],
    ["has a stray key", () => store.putJson(`${bucketKeys.standbyEvidencePrefix}zzz.json`, {}), /key does not name/],
    [
      "has a key that is not a slot",
      () => store.putJson(standbyEvidenceKey("20269999T999999Z"), {}),
      /key does not name/,
    ],
    [
      "is of a missing recovery point",
      () => store.putJson(standbyEvidenceKey(slotOf(later)), evidenceOf(later)),
      /recovery point does not exist/,
    ],
    [
      "is of an invalid recovery point",
      async () => {
        await put(later);
        await store.putJson(manifestKey("changes", slotOf(later)), {});
      },
      /unusable: .* is not a manifest/,
    ],
    [
      "may not be read",
      async () => {
        await put(later);
        store.failing.set(standbyEvidenceKey(slotOf(later)), denied);
      },
      /AccessDenied/,
    ],
    [
      "is of an inaccessible recovery point",
      async () => {
        await put(later);
        store.failing.set(manifestKey("changes", slotOf(later)), denied);
      },
      /unusable: .* AccessDenied/,
    ],
    [
      "is of a recovery point with an inaccessible decision",
      async () => {
        const suspicious = { since: `changes ${slotOf(later)}`, reasons: ["x"] };
        await put(later, { suspicious });
        store.failing.set(decisionKey(suspicious.since), denied);
      },
      /decision .* is unreadable: AccessDenied/,
    ],
    [
      "is of an epoch that no record has named",
      () => put(later, { epoch: 77 }, { writer: { site: "alternate", epoch: 77 } }),
      /epoch is 77, but there is no writer record/,
    ],
    ["is of a future recovery point", () => put(minutes(120)), /in the future/],
    ["is of a recovery point slightly ahead", () => put(minutes(0.5)), /in the future/],
    ["was verified in the future", () => put(later, { verifiedAt: minutes(5).toISOString() }), /verified at .* future/],
  ] as const) {
    it(`is not one whose evidence ${what}; that is reported and skipped`, async () => {
      await spoil();
      expect(await newest()).to.equal(slotOf(good));
      const [only, ...more] = await refused();
      expect(more).to.deep.equal([]);
      expect(only?.reason).to.match(reason);
      expect(only?.key).to.match(/^evidence\/standby-sync\//);
    });
  }

  it("is not one of a stale writer after another site took over", async () => {
    await put(minutes(-10));
    expect(await newest()).to.equal(slotOf(minutes(-10)));
    const record = { site: "alternate", epoch: 2, since: minutes(-20).toISOString() };
    await store.putJson(bucketKeys.writer, record);
    expect(await newest()).to.equal(slotOf(good));
    expect((await refused())[0]?.reason).to.match(/written by primary in epoch 1, but alternate has been the writer/);
    await put(minutes(-5), { epoch: 2 }, { writer: { site: "alternate", epoch: 2 } });
    expect(await newest()).to.equal(slotOf(minutes(-5)));
  });

  it("is not one of the writer's epoch from the other site", async () => {
    await store.putJson(bucketKeys.writer, { site: "primary", epoch: 1, since: minutes(-60).toISOString() });
    await put(later, {}, { writer: { site: "alternate", epoch: 1 } });
    expect(await newest()).to.equal(slotOf(good));
  });

  it("may have older evidence without an epoch", async () => {
    const { epoch: _, ...old } = evidenceOf(later);
    await put(later);
    await store.putJson(standbyEvidenceKey(slotOf(later)), old);
    expect(await newest()).to.equal(slotOf(later));
  });

  it("is never another site's, whose evidence is not reported as rejected", async () => {
    await put(later, { site: "primary" });
    expect(await newest()).to.equal(slotOf(good));
    expect(await refused()).to.deep.equal([]);
    expect((await newestVerified(store, "primary")).newest?.slot).to.equal(slotOf(later));
  });

  for (const where of ["evidence", "manifest"] as const) {
    it(`is not a suspicious one (marked in its ${where}), unless accepted`, async () => {
      const suspicious = { since: `changes ${slotOf(later)}`, reasons: ["half of table a is gone"] };
      await put(later, where === "evidence" ? { suspicious } : {}, where === "manifest" ? { suspicious } : {});
      expect(await newest()).to.equal(slotOf(good));
      expect((await refused())[0]?.reason).to.match(/half of table a is gone.*awaiting a decision/);
      const decision = { decision: "reject", by: "ada", at: later.toISOString(), reason: "a bug" };
      await store.putJson(decisionKey(suspicious.since), decision);
      expect((await refused())[0]?.reason).to.match(/rejected by ada at .*: a bug/);
      await store.putJson(decisionKey(suspicious.since), { decision: "yes" });
      expect((await refused())[0]?.reason).to.match(/is unreadable/);
      await store.putJson(decisionKey(suspicious.since), { ...decision, decision: "accept" });
      expect(await newest()).to.equal(slotOf(later));
    });
  }

  it("is found behind any number of bad ones, even days of them", async () => {
    for (let index = 0; index < 24; index++) await put(minutes(-29 + index), { verified: false });
    expect(await newest()).to.equal(slotOf(good));
    const old = new MemoryStore();
    const time = minutes(-5 * 24 * 60);
    await old.putJson(standbyEvidenceKey(slotOf(time)), evidenceOf(time));
    await old.putJson(manifestKey("changes", slotOf(time)), manifestOf(time));
    for (let index = 0; index < 24; index++) await old.putJson(standbyEvidenceKey(slotOf(minutes(-index))), {});
    const found = await newestVerified(old, "alternate");
    expect(found.newest?.slot).to.equal(slotOf(time));
    expect(found.refused).to.have.length(24);
  });

  it("gives up after a bounded number of bad ones", async () => {
    for (let index = 0; index < 1000; index++) await store.putJson(standbyEvidenceKey(slotOf(minutes(index))), {});
    const found = await newestVerified(store, "alternate");
    expect(found.newest).to.equal(undefined);
    expect(found.refused).to.have.length(500);
  });

  it("is the newest by snapshot: a late run has an early slot", async () => {
    const [late, early] = [minutes(-4), minutes(-8)];
    await put(later);
    await store.putJson(standbyEvidenceKey(slotOf(early)), evidenceOf(late, { slot: slotOf(early) }));
    await store.putJson(manifestKey("changes", slotOf(early)), manifestOf(late, { slot: slotOf(early) }));
    await put(minutes(-6));
    expect(await newest()).to.equal(slotOf(early));
  });

  it("is unknown while the bucket is unreachable", async () => {
    await put(later);
    const slow = Object.assign(new Error("SlowDown"), { name: "SlowDown", $metadata: { httpStatusCode: 503 } });
    for (const key of [standbyEvidenceKey(slotOf(later)), manifestKey("changes", slotOf(later))]) {
      store.failing.clear();
      store.failing.set(key, slow);
      expect(await newestVerified(store, "alternate").catch((reason: unknown) => reason)).to.equal(slow);
    }
  });

  it("is unknown while the writer record is invalid", async () => {
    await store.putJson(bucketKeys.writer, { site: "alternate" });
    const error = await newestVerified(store, "alternate").catch((reason: unknown) => reason);
    expect(String(error)).to.match(/memory\/control\/writer.json is not a valid writer record/);
  });

  it("can be checked by slot: not yet, yes, or rejected with a reason", async () => {
    expect(await isVerified(store, "alternate", slotOf(later))).to.equal(false);
    expect(await isVerified(store, "alternate", slotOf(good))).to.equal(true);
    await put(later, { verified: false, differences: ["x"] });
    const error = await isVerified(store, "alternate", slotOf(later)).catch((reason: unknown) => reason);
    expect(String(error)).to.match(/the recovery point was not verified: x/);
  });
});

async function* bytes(text: string): AsyncIterable<Buffer> {
  yield Buffer.from(text);
}
