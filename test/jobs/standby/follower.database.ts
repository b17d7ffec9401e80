import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { metrics, standbyEvidenceKey } from "../../../contract/index.ts";
import type { AccessKeys } from "../../../jobs/database/accesses.ts";
import { Database } from "../../../jobs/database/client.ts";
import { readState, fenceSite, writeState } from "../../../jobs/database/state.ts";
import { decisionKey } from "../../../jobs/points/decisions.ts";
import type { ChangesManifest, Manifest } from "../../../jobs/points/manifest.ts";
import { slotOf } from "../../../jobs/points/slot.ts";
import { manifestKey } from "../../../jobs/points/store.ts";
import { readSettings } from "../../../jobs/settings.ts";
import { Follower, FollowerState } from "../../../jobs/standby/follower.ts";
import { listGenerations, markUsed } from "../../../jobs/standby/generations.ts";
import { freshDatabase, stopEngine } from "../support/engine.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { makeChanges, makeFull } from "../support/points.ts";

const settings = readSettings("standby-sync", {
  SITE: "alternate",
  SITE_ROLE: "standby",
  APPLICATION: "test",
  AWS_REGION: "eu-central-1",
  DATABASE_URL: "http://127.0.0.1:1",
  DATABASE_NAMESPACE: "test",
  DATABASE_USERNAME: "root",
  DATABASE_PASSWORD: "secret",
  BUCKET: "memory",
  BUCKET_REGION: "eu-central-1",
  EVIDENCE_BUCKET: "memory",
  EVIDENCE_BUCKET_REGION: "eu-central-1",
  ACCESS_KEYS_SECRET_ID: "none",
});

describe("the follower of recovery points", function () {
  this.timeout(20_000);
  let source: Database;
  let server: Database;
  let store: MemoryStore;
  let followerState: FollowerState;
  let lines: string[];
  let sent: string[];
  let cloud: Server;
  let keyFailure: Error | undefined;
  let realKeys: Record<string, AccessKeys>;
  const environment = { ...process.env };

  beforeEach(async () => {
    source = await freshDatabase();
    // A separate namespace: generations are named by their slots.
    const { address } = await freshDatabase();
    server = new Database({ ...address, namespace: `ns${source.name}` }, "");
    await server.query(`DEFINE NAMESPACE IF NOT EXISTS ns${source.name}; DEFINE DATABASE IF NOT EXISTS continuity;`);
    await writeState(server, { database: "", ready: false, reason: "new", epoch: 0 });
    [store, followerState, lines, sent, keyFailure] = [new MemoryStore(), new FollowerState(), [], [], undefined];
    realKeys = {};
    await source.query("DEFINE TABLE item SCHEMALESS CHANGEFEED 7d; CREATE item:1 SET n = 1;");
  });

  before(async () => {
    cloud = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on("data", (piece: Buffer) => pieces.push(piece));
      request.on("end", () => (sent.push(Buffer.concat(pieces).toString("latin1")), response.end()));
    });
    await once(cloud.listen(0, "127.0.0.1"), "listening");
    const { port } = cloud.address() as AddressInfo;
    Object.assign(process.env, { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` });
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "x" });
  });
  after(async () => {
    for (const name of ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) delete process.env[name];
    Object.assign(process.env, environment);
    cloud.close();
    await stopEngine();
  });

  const context = () => ({ signal: new AbortController().signal, log: (line: string) => void lines.push(line) });
  const keys = async () => {
    if (keyFailure) throw keyFailure;
    return realKeys;
  };
  async function follow(): Promise<Follower> {
    const both = { store: store, evidence: store };
    const follower = new Follower({ server, ...both, keys, settings, context: context(), followerState });
    await follower.follow();
    return follower;
  }

  /** Slots at least an hour back, so that each follows the previous one and none is in the future. */
  let step = 0;
  const nextSlot = () => slotOf(new Date(Date.now() - 7200_000 + ++step * 1000));
  async function put<M extends Manifest>(manifest: M): Promise<M> {
    await store.putJson(manifestKey(manifest.kind, manifest.slot), manifest);
    return manifest;
  }
  const full = async () => put(await makeFull(source, store, undefined, nextSlot()));
  const changes = async (parent: Manifest) => {
    const slot = nextSlot();
    const made = await makeChanges(source, store, { slot });
    const base = parent.kind === "full" ? parent.slot : parent.full;
    return put<ChangesManifest>({ ...made, full: base, parent: { kind: parent.kind, slot: parent.slot } });
  };
  const set = (n: number) => source.query(`UPSERT item:1 SET n = ${n}; CREATE item:${n} SET n = ${n};`);
  /** Content of the database in use. */
  async function inUse(): Promise<{ slot: string | undefined; n: unknown }> {
    const state = await readState(server);
    const [rows] = await server.other(state?.database ?? "").query("SELECT VALUE n FROM item:1");
    return { slot: state?.recoveryPoint, n: (rows as unknown[])[0] };
  }
  const isProved = (slot: string) => store.objects.has(standbyEvidenceKey(slot));

  async function fullAndTwoChanges() {
    const base = await full();
    await set(2);
    const first = await changes(base);
    await set(3);
    const second = await changes(first);
    await follow();
    expect(await inUse()).to.deep.equal({ slot: second.slot, n: 3 });
    return { base, first, second };
  }

  it("never applies older recovery points over the state of a removed one", async () => {
    const { first, second } = await fullAndTwoChanges();
    store.objects.delete(standbyEvidenceKey(first.slot));
    store.objects.delete(manifestKey("changes", second.slot));
    const follower = await follow();
    expect(await inUse()).to.deep.equal({ slot: second.slot, n: 3 });
    expect(follower.verified).to.deep.equal([]);
    expect(isProved(first.slot)).to.equal(false);
    expect(follower.findings.refused.map(({ key }) => key)).to.deep.equal([manifestKey("changes", second.slot)]);
    expect(lines.join("\n")).to.contain("was removed from the bucket");
    expect(sent.some((text) => text.includes(metrics.refusedRecoveryPoints))).to.equal(true);
    await set(4);
    const newer = await full();
    await follow();
    expect(await inUse()).to.deep.equal({ slot: newer.slot, n: 4 });
  });

  it("uses good newer recovery points despite damaged changes, and retries the damaged ones", async () => {
    const base = await full();
    await set(2);
    const damaged = await changes(base);
    const key = damaged.parts[0]?.key ?? "";
    const good = store.objects.get(key) ?? Buffer.alloc(0);
    const flipped = Buffer.from(good);
    flipped[flipped.length >> 1] = (flipped[flipped.length >> 1] ?? 0) ^ 1;
    store.objects.set(key, flipped);
    const follower = await follow();
    // Nothing of it was written, so the generation is still good.
    expect(lines.filter((line) => line.startsWith("importing full recovery point"))).to.have.length(1);
    expect(await inUse()).to.deep.equal({ slot: base.slot, n: 1 });
    expect(follower.findings.refused.map((refusal) => refusal.key)).to.deep.equal([
      manifestKey("changes", damaged.slot),
    ]);
    await set(3);
    const newer = await full();
    await follow();
    expect(await inUse()).to.deep.equal({ slot: newer.slot, n: 3 });
    expect((await listGenerations(server)).every(({ state }) => state === "verified")).to.equal(true);
    store.objects.delete(manifestKey("full", newer.slot));
    store.objects.set(key, good);
    expect((await follow()).findings.refused.map((refusal) => refusal.key)).not.to.include(damaged.slot);
  });

  it("falls back to an older full export if the newest is invalid", async () => {
    const older = await full();
    await set(2);
    const newest = await full();
    const part = newest.parts[0]?.key ?? "";
    store.objects.set(part, Buffer.alloc(store.objects.get(part)?.length ?? 0));
    const follower = await follow();
    expect(await inUse()).to.deep.equal({ slot: older.slot, n: 1 });
    expect(follower.findings.refused[0]?.reason).to.contain("cannot read");
  });

  it("is not kept from a full export by any number of transient failures", async () => {
    const base = await full();
    const part = base.parts[0]?.key ?? "";
    const slow = Object.assign(new Error("Please reduce your request rate"), {
      name: "SlowDown",
      $metadata: { httpStatusCode: 503 },
    });
    store.failing.set(part, slow);
    for (let attempt = 0; attempt < 5; attempt++) {
      followerState.importsFrom = 0; // as if the backoff had elapsed
      await follow().then(
        () => expect.fail("nothing failed"),
        (error: Error) => expect(error.message).to.contain("reduce your request rate"),
      );
    }
    store.failing.delete(part);
    keyFailure = new Error("secrets cannot be read");
    followerState.importsFrom = 0;
    expect(String(await follow().catch((error: unknown) => error))).to.contain("secrets cannot be read");
    keyFailure = undefined;
    followerState.importsFrom = 0;
    await follow();
    expect(await inUse()).to.deep.equal({ slot: base.slot, n: 1 });
  });

  it("falls back to an older full export if a newer one has absurd or no sequence positions", async () => {
    await source.query("DEFINE SEQUENCE s BATCH 1 START 1");
    const older = await full();
    const rate = await makeFull(source, store, undefined, nextSlot());
    for (const position of Object.values(rate.sequences)) position.perSecond = 1e300;
    await put(rate);
    const none = await makeFull(source, store, undefined, nextSlot());
    await put({ ...none, sequences: {} });
    const end = await makeFull(source, store, undefined, nextSlot());
    for (const position of Object.values(end.sequences)) position.value = Number.MAX_SAFE_INTEGER;
    await put(end);
    const { findings } = await follow();
    expect((await inUse()).slot).to.equal(older.slot);
    const refused = findings.refused.map(({ key, reason }) => `${key}: ${reason}`).join("\n");
    expect(refused)
      .to.contain("sequences.s.perSecond")
      .and.contain("has no position")
      .and.contain("no safe integers left");
  });

  it("drops a generation whose changes lack a sequence position, and uses the older state", async () => {
    await source.query("DEFINE SEQUENCE s BATCH 1 START 1");
    const base = await full();
    await set(2);
    const bad = await changes(base);
    await put({ ...bad, sequences: {} });
    await follow();
    expect(await inUse()).to.deep.equal({ slot: base.slot, n: 1 });
    expect((await listGenerations(server)).map(({ state }) => state)).to.deep.equal(["verified"]);
  });

  it("does not retry a recovery point that corrupted a generation, even after a restart, until it changes", async () => {
    const base = await full();
    await set(2);
    const good = await changes(base);
    await follow();
    await set(3);
    const bad = await changes(good);
    const attempt = Database.prototype.attempt;
    // Rejected by the engine after it was written: in one transaction, and then separately.
    let refusals = 2;
    Database.prototype.attempt = async function (sql, ...rest) {
      const outcomes = await attempt.call(this, sql, ...rest);
      if (!sql.includes("UPSERT $id0") || refusals-- <= 0) return outcomes;
      return outcomes.map(() => ({ ok: false, error: "Found NONE" }));
    };
    try {
      await follow();
    } finally {
      Database.prototype.attempt = attempt;
    }
    followerState = new FollowerState();
    const { findings } = await follow();
    expect(await inUse()).to.deep.equal({ slot: good.slot, n: 2 });
    expect(findings.refused.map(({ key }) => key)).to.include(manifestKey("changes", bad.slot));
    followerState = new FollowerState();
    lines.length = 0;
    await follow();
    expect(
      lines.filter((line) => /importing|dropping/.test(line)),
      "the newest generation is kept",
    ).to.be.empty;
    await put({ ...bad, finishedAt: new Date(Date.parse(bad.finishedAt) + 1).toISOString() });
    await follow();
    expect(await inUse()).to.deep.equal({ slot: bad.slot, n: 3 });
  });

  it("backs off after a transient import failure", async () => {
    await full();
    keyFailure = new Error("secrets cannot be read");
    await follow().catch(() => undefined);
    keyFailure = undefined;
    await follow();
    expect((await inUse().catch(() => ({ slot: undefined }))).slot).to.equal(undefined);
    followerState.importsFrom = 0;
    await follow();
    expect((await inUse()).n).to.equal(1);
  });

  it("waits for a part that arrives after its manifest, and uses older state meanwhile", async () => {
    const older = await full();
    await set(2);
    const late = await full();
    const key = late.parts[0]?.key ?? "";
    const content = store.objects.get(key) ?? Buffer.alloc(0);
    store.objects.delete(key);
    const follower = await follow();
    expect(await inUse()).to.deep.equal({ slot: older.slot, n: 1 });
    expect([follower.findings.refused.length, follower.findings.waiting.length]).to.deep.equal([0, 1]);
    store.objects.set(key, content);
    await follow();
    expect(await inUse()).to.deep.equal({ slot: late.slot, n: 2 });
  });

  it("abandons a state dated in the future as soon as there is a valid one", async () => {
    const ahead = await full();
    await follow();
    const [generation] = await listGenerations(server);
    const recorded = { ...generation, snapshotAt: "2099-01-01T00:00:00.000Z" };
    await server.other("continuity").query("UPDATE generation SET content = $content", {
      content: JSON.stringify(recorded),
    });
    await put({ ...ahead, snapshotAt: recorded.snapshotAt });
    await set(2);
    const good = await full();
    const follower = await follow();
    expect(await inUse()).to.deep.equal({ slot: good.slot, n: 2 });
    expect(follower.findings.refused.map(({ key }) => key)).to.deep.equal([manifestKey("full", ahead.slot)]);
    expect(lines.join("\n")).to.match(/used only as a last resort.*later than its arrival/);
  });

  it("does not doubt a generation after the local clock was corrected", async () => {
    const base = await full();
    await set(2);
    const first = await changes(base);
    await follow();
    const { now } = Date;
    // Far enough back that the recovery points are ahead of it.
    Date.now = () => now() - 3 * 3600_000;
    try {
      await follow().catch(() => undefined);
    } finally {
      Date.now = now;
    }
    expect((await listGenerations(server)).map(({ doubt }) => doubt)).to.deep.equal([undefined]);
    await set(3);
    const second = await changes(first);
    lines.length = 0;
    await follow();
    expect(await inUse()).to.deep.equal({ slot: second.slot, n: 3 });
    expect(lines.join("\n"), "continued").not.to.contain("importing full recovery point");
  });

  for (const by of ["the writer guard", "a step of its own"]) {
    it(`applies nothing over a database that was in use and was fenced by ${by}`, async () => {
      const base = await full();
      await set(2);
      const first = await changes(base);
      await follow();
      const [used] = await listGenerations(server);
      await set(3);
      // Exported in the previous epoch and still replicating.
      const late = await makeChanges(source, store, { slot: nextSlot() });
      await writeState(server, { database: used?.name ?? "", ready: true, reason: "promoted", epoch: 2 });
      await server.other(used?.name ?? "").query("CREATE item:900 SET n = 900");
      if (by === "the writer guard") expect(await fenceSite(server, 2, "superseded")).to.equal(true);
      else await markUsed(server, used?.name ?? "");
      await writeState(server, { ready: false, reason: "superseded" });
      await put<ChangesManifest>({ ...late, full: base.slot, parent: { kind: "changes", slot: first.slot } });
      await follow();
      expect(await inUse()).to.deep.equal({ slot: late.slot, n: 3 });
      const { database = "" } = (await readState(server)) ?? {};
      expect(database).not.to.equal(used?.name);
      const [rows] = await server.other(database).query("SELECT * FROM item:900");
      expect(rows, "a write of another history").to.deep.equal([]);
      const kept = (await listGenerations(server)).find(({ name }) => name === used?.name);
      expect(kept).to.include({ slot: first.slot, doubt: "it has been in use since" });
    });
  }

  describe("before a suspicious recovery point", () => {
    it("stays at the last unmarked state until an acceptance, and publishes the number of pending recovery points", async () => {
      const base = await full();
      await set(2);
      const marked = await changes(base);
      await put({ ...marked, suspicious: { since: `changes ${marked.slot}`, reasons: ["half is gone"] } });
      const later = await full();
      await put({ ...later, suspicious: { since: `changes ${marked.slot}`, reasons: ["half is gone"] } });
      const follower = await follow();
      expect(await inUse()).to.deep.equal({ slot: base.slot, n: 1 });
      expect(follower.findings.suspicious).to.deep.equal([`changes ${marked.slot}`, `full ${later.slot}`]);
      expect(lines.join("\n")).to.contain("half is gone").and.contain("continuity points accept|reject");
      expect(sent.some((text) => text.includes(metrics.suspiciousRecoveryPoints))).to.equal(true);
      const decided = { decision: "accept", by: "ada", at: new Date().toISOString(), reason: "meant" };
      await store.putJson(decisionKey(`changes ${marked.slot}`), decided);
      await follow();
      expect(await inUse()).to.deep.equal({ slot: later.slot, n: 2 });
    });

    it("keeps that state's database regardless of later generations", async () => {
      const base = await full();
      await follow();
      const marked = await changes(base);
      await put({ ...marked, suspicious: { since: `changes ${marked.slot}`, reasons: ["half is gone"] } });
      for (let round = 2; round < 5; round++) {
        await set(round);
        await full();
        await follow();
      }
      const kept = (await listGenerations(server)).map(({ full: slot }) => slot);
      expect(kept).to.have.length(3).and.include(base.slot);
      expect((await inUse()).n).to.equal(4);
    });

    it("never uses rejected recovery points", async () => {
      const base = await full();
      await set(2);
      const marked = await changes(base);
      await put({ ...marked, suspicious: { since: `changes ${marked.slot}`, reasons: ["half is gone"] } });
      const decided = { decision: "reject", by: "ada", at: new Date().toISOString(), reason: "a mistake" };
      await store.putJson(decisionKey(`changes ${marked.slot}`), decided);
      const follower = await follow();
      expect(await inUse()).to.deep.equal({ slot: base.slot, n: 1 });
      expect(follower.findings.suspicious).to.deep.equal([]);
    });
  });

  it("does not import while an access has no key, reports it, and continues once the key exists", async () => {
    await full();
    await follow();
    await source.query("DEFINE ACCESS partner ON DATABASE TYPE JWT ALGORITHM HS256 KEY 'secret'");
    const later = await full();
    for (let look = 0; look < 3; look++) {
      followerState.importsFrom = 0;
      const error = await follow().catch((reason: unknown) => reason);
      expect(String(error)).to.contain(
        `full recovery point ${later.slot} cannot be imported yet: access partner has no key`,
      );
    }
    expect(lines.filter((line) => line.startsWith(`importing full recovery point ${later.slot}`))).to.be.empty;
    expect((await inUse()).slot, "the state before").not.to.equal(later.slot);
    realKeys = { partner: { key: "real", issuerKey: "real" } };
    followerState.importsFrom = 0;
    await follow();
    expect((await inUse()).slot).to.equal(later.slot);
  });
});
