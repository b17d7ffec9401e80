import { expect } from "chai";
import { bucketKeys } from "../../contract/index.ts";
import type { Database } from "../../jobs/database/client.ts";
import { parseEvidence, type Evidence } from "../../jobs/evidence.ts";
import type { Manifest } from "../../jobs/points/manifest.ts";
import { slotOf } from "../../jobs/points/slot.ts";
import { manifestKey } from "../../jobs/points/store.ts";
import { testNewest } from "../../jobs/restore-verify.ts";
import { JobFailure, type Details } from "../../jobs/result.ts";
import { readSettings } from "../../jobs/settings.ts";
import { freshDatabase, stopEngine } from "./support/engine.ts";
import { MemoryStore } from "./support/memory-store.ts";
import { makeChanges, makeFull } from "./support/points.ts";

describe("the restore test in a bucket with bad recovery points", () => {
  let source: Database;
  let store: MemoryStore;
  let number = 0;

  beforeEach(async () => {
    source = await freshDatabase();
    store = new MemoryStore();
    await source.query("DEFINE TABLE item SCHEMALESS CHANGEFEED 7d; CREATE item:1 SET n = 1;");
  });
  after(stopEngine);

  async function run(): Promise<Details> {
    const { url, username, password } = source.address;
    const settings = readSettings("restore-verify", {
      SITE: "alternate",
      SITE_ROLE: "standby",
      AWS_REGION: "eu-central-1",
      APPLICATION: "test",
      BUCKET: "memory",
      BUCKET_REGION: "eu-central-1",
      EVIDENCE_BUCKET: "memory",
      EVIDENCE_BUCKET_REGION: "eu-central-1",
      SCRATCH_DATABASE_URL: url,
      DATABASE_NAMESPACE: "scratch",
      DATABASE_USERNAME: username,
      DATABASE_PASSWORD: password,
    });
    const context = { signal: new AbortController().signal, log: () => undefined };
    return testNewest({ store: store, evidenceStore: store, settings, context });
  }
  async function failure(): Promise<JobFailure> {
    const error = await run().catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(JobFailure);
    return error as JobFailure;
  }
  const evidence = async (): Promise<Evidence[]> => {
    const keys = await store.keys(bucketKeys.restoreEvidencePrefix);
    return keys.map((key) => parseEvidence(store.objects.get(key)?.toString() ?? ""));
  };

  const nextSlot = () => slotOf(new Date(Date.now() - 3600_000 + ++number * 1000));
  async function put<M extends Manifest>(manifest: M): Promise<M> {
    await store.putJson(manifestKey(manifest.kind, manifest.slot), manifest);
    return manifest;
  }
  const full = async () => put(await makeFull(source, store, undefined, nextSlot()));
  const changes = async (parent: Manifest) => {
    const base = parent.kind === "full" ? parent.slot : parent.full;
    const made = await makeChanges(source, store, { slot: nextSlot() });
    return put({ ...made, full: base, parent: { kind: parent.kind, slot: parent.slot } });
  };
  const spoil = ({ parts }: Manifest) => {
    const key = parts[0]?.key ?? "";
    store.objects.set(key, Buffer.alloc(store.objects.get(key)?.length ?? 0));
  };

  it("tests the newest good recovery point despite stray objects, and reports them", async () => {
    const base = await full();
    const last = await changes(base);
    store.objects.set("points/full/zzz/manifest.json", Buffer.from("{}"));
    store.objects.set(manifestKey("full", nextSlot()), Buffer.from("no JSON"));
    const result = await run();
    expect(result).to.include({ verified: true, slot: last.slot });
    expect(result["refused"]).to.have.length(2);
  });

  it("verifies the recovery points before damaged changes, reports these and fails", async () => {
    const base = await full();
    const first = await changes(base);
    const damaged = await changes(first);
    spoil(damaged);
    const { message, details } = await failure();
    expect(message).to.contain(damaged.slot).and.contain("cannot read");
    expect(details).to.include({ verified: true, slot: first.slot });
    expect(await evidence()).to.have.length(1);
  });

  it("verifies an older full export if the newest is damaged, writes evidence of both, and fails", async () => {
    const older = await full();
    const damaged = await full();
    spoil(damaged);
    const { message } = await failure();
    expect(message).to.contain(manifestKey("full", damaged.slot));
    const found = (await evidence()).map(({ slot, verified }) => ({ slot, verified }));
    expect(found).to.deep.equal([
      { slot: damaged.slot, verified: false },
      { slot: older.slot, verified: true },
    ]);
  });

  it("makes no claim about a recovery point after a transient failure", async () => {
    const { parts } = await full();
    store.failing.set(parts[0]?.key ?? "", Object.assign(new Error("slow down"), { name: "SlowDown" }));
    expect(String(await run().catch((error: unknown) => error))).to.contain("slow down");
    expect(await evidence()).to.deep.equal([]);
  });

  it("tests suspicious recovery points too, and includes the mark in its evidence", async () => {
    const base = await full();
    const marked = await changes(base);
    const suspicious = { since: `changes ${marked.slot}`, reasons: ["half is gone"] };
    await put({ ...marked, suspicious });
    expect(await run()).to.deep.include({ verified: true, slot: marked.slot, suspicious });
  });
});
