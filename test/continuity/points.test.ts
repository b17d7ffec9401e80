import { expect } from "chai";
import { CannotRun } from "../../continuity/cannot-run.ts";
import { findMarked, writeDecision } from "../../continuity/point-decision.ts";
import { listPoints } from "../../continuity/point-states.ts";
import { pointsAccept } from "../../continuity/commands/points.ts";
import {
  decisionKey,
  manifestKey,
  type Manifest,
  objectsIn,
  readDecision,
  slotOf,
  standbyEvidenceKey,
} from "../../jobs/index.ts";
import { evidenceOf, fullManifestOf, manifestOf } from "../support/recovery-points.ts";
import { FakeBuckets } from "./fake-bucket.ts";

const bucket = "points";
const ago = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);

describe("decisions about recovery points", () => {
  let buckets: FakeBuckets;
  let objects: ReturnType<typeof objectsIn>;
  const [full, first, second] = [fullManifestOf(ago(40)), manifestOf(ago(30)), manifestOf(ago(20))];
  const since = `changes ${first.slot}`;
  const suspicious = { since, reasons: ["table ledger lost half of its rows"] };

  beforeEach(() => {
    buckets = new FakeBuckets();
    objects = objectsIn(buckets, bucket);
    put(full);
    put({ ...first, full: full.slot, parent: { kind: "full", slot: full.slot }, suspicious });
    put({ ...second, full: full.slot, parent: { kind: "changes", slot: first.slot } });
    const { slot, snapshotAt } = full;
    const evidence = evidenceOf(ago(38), { kind: "full", slot, full: slot, snapshotAt });
    buckets.put(bucket, standbyEvidenceKey(slot), evidence);
  });

  const put = (manifest: Manifest) => buckets.put(bucket, manifestKey(manifest.kind, manifest.slot), manifest);
  const decision = (verdict: "accept" | "reject", by = "ada") =>
    ({ decision: verdict, by, at: new Date().toISOString(), reason: "looked at it" }) as const;
  async function problemOf(work: () => Promise<unknown>): Promise<string> {
    const error = await work().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(CannotRun);
    return String(error);
  }
  const states = async () => (await listPoints(objects, "alternate")).map(({ slot, state }) => [slot, state]);

  it("are based on the listed states", async () => {
    buckets.put(bucket, "points/full/zzz/manifest.json", "{}");
    const late = fullManifestOf(ago(5));
    const hash = "0".repeat(64);
    const key = `points/full/${late.slot}/data-1.zst`;
    const part = { key, sha256: hash, bytes: 1, compression: "zstd" as const, contentSha256: hash, contentBytes: 1 };
    put(fullManifestOf(ago(5), { slot: late.slot, parts: [part] }));
    expect(await states()).to.deep.equal([
      [undefined, "refused"],
      [full.slot, "verified"],
      [first.slot, "suspicious"],
      [second.slot, "held"],
      [late.slot, "arriving"],
    ]);
  });

  it("release or permanently exclude the recovery points", async () => {
    await writeDecision(objects, await findMarked(objects, first.slot, undefined), decision("accept"));
    expect((await states()).map(([, state]) => state)).to.deep.equal(["verified", "usable", "usable"]);
    buckets.put(bucket, decisionKey(since), decision("reject"));
    expect((await states()).map(([, state]) => state)).to.deep.equal(["verified", "rejected", "held"]);
  });

  it("are made once: a second one is rejected with the first one's facts", async () => {
    const marked = await findMarked(objects, first.slot, "changes");
    expect(marked).to.deep.include(suspicious);
    const own = decision("accept");
    expect(await writeDecision(objects, marked, own)).to.equal(`control/decisions/changes-${first.slot}.json`);
    expect(await readDecision(objects, since)).to.deep.equal(own);
    await writeDecision(objects, marked, own); // a repeated call
    const refused = await problemOf(() => writeDecision(objects, marked, decision("reject", "bob")));
    expect(refused).to.contain("have already been decided: accept, by ada");
    expect(await readDecision(objects, since)).to.deep.equal(own);
  });

  it("replace an invalid decision, but not a concurrent one", async () => {
    const marked = await findMarked(objects, first.slot, "changes");
    const own = decision("reject");
    buckets.put(bucket, decisionKey(since), "{ damaged");
    await writeDecision(objects, marked, own);
    expect(await readDecision(objects, since)).to.deep.equal(own);
    buckets.put(bucket, decisionKey(since), "{ damaged");
    let writes = 0;
    buckets.beforeWrite = (key) => {
      if (key.endsWith(decisionKey(since)) && ++writes === 2)
        buckets.put(bucket, decisionKey(since), decision("accept"));
    };
    const problem = await problemOf(() => writeDecision(objects, marked, own));
    buckets.beforeWrite = () => undefined;
    expect(problem).to.contain("was changed concurrently");
    expect((await readDecision(objects, since))?.decision).to.equal("accept");
  });

  it("require an existing, readable and suspicious recovery point", async () => {
    expect(await problemOf(() => findMarked(objects, slotOf(ago(1)), undefined))).to.contain("does not exist");
    expect(await problemOf(() => findMarked(objects, first.slot, "full"))).to.contain("does not exist");
    expect(await problemOf(() => findMarked(objects, full.slot, undefined))).to.contain("is not suspicious");
    buckets.put(bucket, manifestKey("changes", second.slot), "{");
    expect(await problemOf(() => findMarked(objects, second.slot, undefined))).to.contain("is not JSON");
  });

  it("require a kind if one slot has two that need separate decisions", async () => {
    put(fullManifestOf(ago(30), { slot: first.slot, suspicious: { ...suspicious, since: `full ${first.slot}` } }));
    expect(await problemOf(() => findMarked(objects, first.slot, undefined))).to.contain(
      "--kind full or --kind changes",
    );
    expect((await findMarked(objects, first.slot, "full")).since).to.equal(`full ${first.slot}`);
  });

  it("require valid arguments: all problems are reported at once", () => {
    const options = { stack: "dr", project: ".", by: " ", reason: "", kind: "half" };
    const whole = () => pointsAccept.read({ options, rest: ["yesterday"] });
    expect(whole).to.throw(CannotRun, /SLOT is "yesterday".*\n.*--by is.*\n.*--reason is.*\n.*--kind is "half"/);
    const good = { ...options, kind: "full", by: "ada", reason: "x" };
    expect(pointsAccept.read({ options: good, rest: [first.slot] })).to.include({ slot: first.slot, kind: "full" });
  });
});
