import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { bucketKeys } from "../../../contract/index.ts";
import { Database } from "../../../jobs/database/client.ts";
import { readState, fenceSite, writeState, type SiteState } from "../../../jobs/database/state.ts";
import type { ChangesManifest } from "../../../jobs/points/manifest.ts";
import { epochLimit } from "../../../jobs/points/epochs.ts";
import { decisionKey } from "../../../jobs/points/decisions.ts";
import { slotOf } from "../../../jobs/points/slot.ts";
import { manifestKey, pointPrefix } from "../../../jobs/points/store.ts";
import type { JobFailure, Result } from "../../../jobs/result.ts";
import { readSettings, type Settings } from "../../../jobs/settings.ts";
import type { Generation } from "../../../jobs/standby/generations.ts";
import type { UnappliedPoints } from "../../../jobs/standby/unapplied-points.ts";
import { promote } from "../../../jobs/standby/promote.ts";
import type { StandbyContext } from "../../../jobs/standby/standby-context.ts";
import { manifestOf } from "../../support/recovery-points.ts";
import { freshDatabase, stopEngine } from "../support/engine.ts";
import { MemoryStore } from "../support/memory-store.ts";

const ago = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);
let names = 0;

describe("the promotion of a standby", () => {
  const environment = { ...process.env };
  let secrets: Server;
  let server: Database;
  let store: MemoryStore;
  let current: Generation;
  let follow: () => Promise<boolean>;

  before(async () => {
    secrets = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify({ SecretString: "{}" }));
    });
    await once(secrets.listen(0, "127.0.0.1"), "listening");
    const { port } = secrets.address() as AddressInfo;
    const AWS_ENDPOINT_URL = `http://127.0.0.1:${port}`;
    Object.assign(process.env, { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" });
  });
  after(async () => {
    secrets.closeAllConnections();
    secrets.close();
    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
    Object.assign(process.env, environment);
    await stopEngine();
  });

  beforeEach(async () => {
    const { address } = await freshDatabase();
    const namespace = `promote${++names}`;
    server = new Database({ ...address, namespace }, "");
    await server.query(
      `DEFINE NAMESPACE IF NOT EXISTS ${namespace}; USE NS ${namespace}; DEFINE DATABASE IF NOT EXISTS continuity`,
    );
    store = new MemoryStore();
    follow = async () => false;
    await generation(ago(10));
    await writeState(server, standby());
  });

  const standby = (): SiteState => ({ database: current.name, ready: false, reason: "follows", epoch: 0 });

  /** A generation verified by the standby: a change recovery point with its manifest in the bucket. */
  async function generation(time: Date, changed: Partial<Generation> = {}): Promise<void> {
    const slot = slotOf(time);
    const point = {
      kind: "changes",
      slot,
      full: slot,
      snapshotAt: time.toISOString(),
      sequences: {},
      epoch: 1,
    } as const;
    current = { name: `g${slot}`, state: "verified", evidence: slot, ...point, ...changed };
    await server.query(`DEFINE DATABASE IF NOT EXISTS ${current.name}`);
    await putPoint(time);
  }
  const putPoint = (time: Date, changed: Partial<ChangesManifest> = {}) =>
    store.putJson(manifestKey("changes", slotOf(time)), manifestOf(time, changed));
  const record = (content: object) => store.putJson(bucketKeys.writer, content);

  async function run(changed: Partial<Settings<"standby-sync">> = {}): Promise<Result> {
    const signal = new AbortController().signal;
    const findings = { refused: [], waiting: [], suspicious: [] };
    const standby = {
      follower: { follow: () => follow(), current: async () => current, verified: [], findings },
      stopFollowing: () => undefined,
      server,
      store: store,
      settings: { ...settings, ...changed },
      context: { signal, log: () => undefined },
    };
    return promote(standby as unknown as StandbyContext);
  }
  const failure = async (changed: Partial<Settings<"standby-sync">> = {}): Promise<JobFailure> =>
    run(changed).then(
      ({ details }) => expect.fail(`it was promoted: ${JSON.stringify(details)}`),
      (error: JobFailure) => error,
    );
  const leftBehind = ({ details }: { details: object }) => (details as { leftBehind: UnappliedPoints }).leftBehind;
  const untouched = async (): Promise<void> => {
    expect(await readState(server)).to.deep.include({ ...standby(), ready: false });
  };

  it("makes this site the writer before allowing traffic", async () => {
    const { outcome, details } = await run({ ACCEPTED_LOSS_SECONDS: 3600 });
    expect(outcome).to.equal("succeeded");
    expect(details).to.include({ recoveryPoint: current.slot, epoch: 2 });
    expect(await store.writer()).to.include({ site: "alternate", epoch: 2 });
    expect(await readState(server)).to.include({ ready: true, database: current.name, epoch: 2 });
    expect(details["loss"]).to.include({ behindSeconds: 0, acceptedSeconds: 3600 });
    expect(leftBehind({ details })).to.deep.include({ points: [], promotedIsThere: true });
  });

  describe("and the writer record", () => {
    it("fails if the record is invalid, and changes nothing", async () => {
      await record({ site: "primary", epoch: "7" });
      expect((await failure()).message).to.match(
        /writer\.json is not a valid writer record: epoch: .*nothing was changed/,
      );
      await untouched();
      expect(JSON.parse((await store.text(bucketKeys.writer)) ?? "")).to.deep.equal({ site: "primary", epoch: "7" });
    });

    it("fails if the bucket of its own region is unreachable, with that reason", async () => {
      store.read = () => Promise.reject(new Error("connect ECONNREFUSED"));
      expect((await failure()).message).to.match(
        /bucket memory of this region is unreachable: connect ECONNREFUSED; nothing was changed/,
      );
      await untouched();
    });

    it("chooses an epoch above all known ones", async () => {
      for (const [which, set] of [
        ["state", () => writeState(server, { epoch: 9 })],
        ["record", () => record({ site: "primary", epoch: 19, since: ago(60).toISOString() })],
        ["generation", () => generation(ago(1), { epoch: 29 })],
      ] as const) {
        await writeState(server, { ready: false });
        await set();
        const { details } = await run();
        expect(Number(details["epoch"]) % 10, which).to.equal(0);
      }
      expect(await store.writer()).to.include({ site: "alternate", epoch: 30 });
    });

    it("ignores an epoch that only a recovery point claims", async () => {
      await record({ site: "primary", epoch: 1, since: ago(600).toISOString() });
      await putPoint(ago(5), { writer: { site: "primary", epoch: 999_999 } });
      const { details } = await run();
      expect(details["epoch"]).to.equal(2);
      expect(leftBehind({ details }).points[0]?.reason).to.match(/its epoch is 999999, but the writer record has/);
    });

    it("continues from a record of any epoch that leaves room for one more", async () => {
      await record({ site: "primary", epoch: epochLimit - 2, since: ago(60).toISOString() });
      expect((await run()).details).to.include({ epoch: epochLimit - 1 });
    });

    it("reports the remedy if the record leaves none", async () => {
      await record({ site: "primary", epoch: epochLimit - 1, since: ago(60).toISOString() });
      expect((await failure()).message).to.match(/is not a valid writer record: epoch: .*`continuity writer set`/);
    });

    it("keeps a record that names this site in the highest epoch, with its time", async () => {
      const since = ago(2).toISOString();
      await record({ site: "alternate", epoch: 5, since });
      expect((await run()).details).to.include({ epoch: 5, since });
      expect(await store.writer()).to.deep.equal({ site: "alternate", epoch: 5, since });
      expect(await readState(server)).to.include({ ready: true, epoch: 5 });
    });

    it("increments the epoch of one that names this site in an epoch that has recovery points", async () => {
      await record({ site: "alternate", epoch: 5, since: ago(90).toISOString() });
      await putPoint(ago(5), { writer: { site: "alternate", epoch: 5 } });
      expect((await run()).details).to.include({ epoch: 6 });
    });

    it("continues after a kill between record and database", async () => {
      const put = store.writeIf.bind(store);
      store.writeIf = async (...args) => {
        await put(...args);
        throw new Error("killed");
      };
      expect((await failure()).message).to.equal("killed");
      expect(await readState(server)).to.include({ ready: false });
      store.writeIf = put;
      expect((await run()).details).to.include({ epoch: 2 });
      expect(await readState(server)).to.include({ ready: true, epoch: 2 });
    });

    it("fails if another site became the writer meanwhile", async () => {
      follow = async () => {
        await record({ site: "primary", epoch: 3, since: new Date().toISOString() });
        return false;
      };
      expect((await failure()).message).to.match(/changed during the promotion: the writer is now primary/);
      expect(await readState(server)).to.include({ ready: false });
      expect(await store.writer()).to.include({ site: "primary", epoch: 3 });
    });

    it("adopts the record that the command wrote meanwhile", async () => {
      const fence = { site: "alternate", epoch: 3, since: ago(0).toISOString() };
      follow = async () => {
        await record(fence);
        return false;
      };
      expect((await run()).details).to.include({ epoch: 3 });
      expect(await store.writer()).to.deep.equal(fence);
    });
  });

  describe("and what it leaves behind", () => {
    it("rejects a recovery point older than the accepted loss, before anything is changed", async () => {
      await generation(ago(75));
      await writeState(server, standby());
      const error = await failure({ ACCEPTED_LOSS_SECONDS: 3600 });
      expect(error.message).to.match(/is 75 min old, accepted loss is 60 min; .*--accept-data-loss/);
      expect(error.details).to.include({ recoveryPoint: current.slot });
      await untouched();
      expect(await store.writer()).to.equal(undefined);
    });

    it("uses it if the loss is accepted, and reports its age", async () => {
      await generation(ago(75));
      const { details } = await run({ ACCEPTED_LOSS_SECONDS: "any" });
      expect((details["loss"] as { ageSeconds: number }).ageSeconds).to.be.within(4500, 4520);
    });

    it("rejects a future recovery point, whose loss is unknown", async () => {
      await generation(ago(-120));
      await writeState(server, standby());
      expect((await failure({ ACCEPTED_LOSS_SECONDS: 3600 })).message).to.match(/in the future .* correct the clock/);
      await untouched();
    });

    it("reports why the catch-up ended, and each newer recovery point with its reason", async () => {
      store.objects.clear();
      await generation(ago(50));
      const [broken, halfway, diverged, future] = [ago(40), ago(35), ago(5), ago(-600)];
      const [unread, orphan, held, good] = [ago(30), ago(25), ago(20), ago(15)];
      const since = `changes ${slotOf(held)}`;
      await putPoint(broken);
      await store.upload(`${pointPrefix("changes", slotOf(halfway))}data-1.zst`, bytes("x"));
      await store.putJson(manifestKey("changes", slotOf(unread)), {});
      await putPoint(orphan, { parent: { kind: "changes", slot: slotOf(unread) } });
      await putPoint(held, { suspicious: { since, reasons: ["half of table a is gone"] } });
      await putPoint(good, { parent: { kind: "changes", slot: slotOf(held) } });
      await putPoint(diverged, { writer: { site: "primary", epoch: 1 } });
      await putPoint(future);
      await record({ site: "primary", epoch: 2, since: ago(10).toISOString() });
      follow = () => Promise.reject(new Error(`point ${slotOf(broken)}: a hash differs`));
      const { details } = await run();
      expect(details["catchUp"]).to.deep.include({ problems: [`point ${slotOf(broken)}: a hash differs`] });
      const left = leftBehind({ details });
      const reasons = Object.fromEntries(left.points.map(({ point, reason }) => [point.split(" ")[1], reason]));
      expect(reasons[slotOf(broken)]).to.match(/a hash differs/);
      expect(reasons[slotOf(halfway)]).to.match(/has no manifest/);
      expect(reasons[slotOf(unread)]).to.match(/is not a manifest/);
      expect(reasons[slotOf(orphan)]).to.match(/its parent, is missing or unreadable/);
      expect(reasons[slotOf(held)]).to.match(/half of table a is gone.* awaiting a decision/);
      expect(reasons[slotOf(good)]).to.equal("the catch-up ended before it was reached");
      expect(reasons[slotOf(diverged)]).to.match(/primary has been the writer since/);
      expect(reasons[slotOf(future)]).to.match(/in the future/);
      expect(left.points.filter(({ suspicious }) => suspicious)).to.have.length(1);
      expect(left.newest?.point).to.equal(`changes ${slotOf(good)}`);
      expect(left.behindSeconds).to.be.closeTo(35 * 60, 1);
    });

    it("does not report a suspicious recovery point that was accepted", async () => {
      const since = `changes ${slotOf(ago(5))}`;
      const parent = { kind: "changes", slot: current.slot } as const;
      await putPoint(ago(5), { parent, suspicious: { since, reasons: ["x"] } });
      const decision = { decision: "accept", by: "ada", at: ago(1).toISOString(), reason: "the yearly purge" };
      await store.putJson(decisionKey(since), decision);
      expect(leftBehind(await run()).points[0]?.reason).to.match(/arrived after the catch-up/);
    });

    it("ignores recovery points dated after their arrival when finding the newest", async () => {
      const [good, wrong] = [ago(8), ago(5)];
      await putPoint(good);
      await putPoint(wrong);
      store.storedAt.set(manifestKey("changes", slotOf(wrong)), ago(30));
      const left = leftBehind(await run());
      expect(left.newest?.point).to.equal(`changes ${slotOf(good)}`);
      expect(left.points[0]?.reason).to.match(/later than its arrival/);
    });

    it("reports an inaccessible recovery point and continues", async () => {
      const closed = ago(5);
      await putPoint(closed);
      const denied = Object.assign(new Error("AccessDenied"), { $metadata: { httpStatusCode: 403 } });
      store.failing.set(manifestKey("changes", slotOf(closed)), denied);
      expect(leftBehind(await run()).points[0]?.reason).to.match(/cannot read .*: AccessDenied/);
    });

    for (const [what, keyOf] of [
      ["stray objects", (index) => `points/changes/zzz${index}/x`],
      ["stray manifests", (index) => `points/changes/${slotOf(ago(-60 - index))}/manifest.json`],
      ["half-written points", (index) => `points/changes/${slotOf(new Date(Date.now() - index * 1000))}/x`],
      ["broken points", (index) => manifestKey("changes", slotOf(new Date(Date.now() - index * 500)))],
    ] as [string, (index: number) => string][]) {
      it(`finds the newest recovery point behind any number of ${what}`, async () => {
        const [replaced, newest] = [current.slot, ago(3)];
        await generation(ago(25));
        await writeState(server, standby());
        store.objects.delete(manifestKey("changes", replaced));
        await putPoint(newest);
        for (let index = 0; index < 250; index++) {
          const key = keyOf(index);
          if (!store.objects.has(key)) store.objects.set(key, Buffer.from(""));
        }
        const lost = (await failure({ ACCEPTED_LOSS_SECONDS: 1200 })).details as { leftBehind: UnappliedPoints };
        expect(lost.leftBehind.newest?.point).to.equal(`changes ${slotOf(newest)}`);
        expect(lost.leftBehind.promotedIsThere).to.equal(true);
      });
    }

    it("reports that the promoted recovery point was removed from the bucket", async () => {
      store.objects.delete(manifestKey("changes", current.slot));
      expect(leftBehind(await run())).to.deep.include({ promotedIsThere: false, newest: undefined });
    });
  });

  describe("of a site that is already in use", () => {
    beforeEach(() => writeState(server, { ready: true, epoch: 2, database: "main" }));
    const isInUse = async (epoch: number): Promise<void> => {
      expect(await readState(server)).to.include({ ready: true, epoch, database: "main" });
    };

    it("changes nothing if the record agrees or is missing", async () => {
      expect(await run()).to.deep.include({ outcome: "skipped" });
      await record({ site: "alternate", epoch: 2, since: ago(60).toISOString() });
      expect(await run()).to.deep.include({ outcome: "skipped" });
      await isInUse(2);
    });

    it("replaces a stale record of another site, and never yields to it", async () => {
      await record({ site: "primary", epoch: 1, since: ago(1).toISOString() });
      expect((await run()).details["note"]).to.match(/stale record of primary/);
      expect(await store.writer()).to.include({ site: "alternate", epoch: 2 });
      await isInUse(2);
    });

    for (const [mode, epoch] of [
      ["adopt", 8],
      ["promote", 3],
    ] as const) {
      it(`adopts the later epoch of the record if no other site has written since (${mode})`, async () => {
        await putPoint(ago(5), { writer: { site: "alternate", epoch: 2 } });
        await record({ site: "alternate", epoch, since: ago(1).toISOString() });
        expect(await run({ PROMOTE_MODE: mode })).to.deep.include({ outcome: "skipped" });
        await isInUse(epoch);
      });
    }

    it("is restored if the record skips an epoch, in which another site may have written", async () => {
      await record({ site: "alternate", epoch: 4, since: ago(1).toISOString() });
      expect(await run()).to.deep.include({ outcome: "succeeded" });
      expect(await readState(server)).to.include({ ready: true, epoch: 4, database: current.name });
    });

    it("is restored if another site has written since, even behind stray objects", async () => {
      await putPoint(ago(5), { writer: { site: "primary", epoch: 3 } });
      for (let index = 0; index < 60; index++) {
        store.objects.set(`points/changes/${slotOf(ago(-60 - index))}/manifest.json`, Buffer.from(""));
        store.objects.set(manifestKey("changes", slotOf(new Date(Date.now() - index * 1000))), Buffer.from(""));
      }
      await record({ site: "alternate", epoch: 4, since: ago(1).toISOString() });
      expect((await failure({ PROMOTE_MODE: "adopt" })).message).to.match(/promote it with `continuity failover`/);
    });

    it("is restored if another site has written since, although the record names this site again", async () => {
      await putPoint(ago(5), { writer: { site: "primary", epoch: 3 } });
      await record({ site: "alternate", epoch: 4, since: ago(1).toISOString() });
      expect((await failure({ PROMOTE_MODE: "adopt" })).message).to.match(/promote it with `continuity failover`/);
      await isInUse(2);
      await generation(ago(4), { epoch: 3 });
      expect(await run()).to.deep.include({ outcome: "succeeded" });
      expect(await readState(server)).to.include({ ready: true, epoch: 4, database: current.name });
    });

    it("is restored if another site took over", async () => {
      await record({ site: "primary", epoch: 3, since: ago(20).toISOString() });
      expect((await run()).details).to.include({ epoch: 4, database: current.name });
    });
  });

  describe("of a site that was fenced by a forged record", () => {
    const adopt = { PROMOTE_MODE: "adopt", SITE_ROLE: "active" } as const;
    beforeEach(async () => {
      await writeState(server, { ready: true, epoch: 2, database: "main" });
      await fenceSite(server, 2, "site primary has been the writer");
      await record({ site: "alternate", epoch: 8, since: ago(1).toISOString() });
    });

    it("lifts the fence in the epoch of the repaired record", async () => {
      await putPoint(ago(5), { writer: { site: "alternate", epoch: 2 } });
      expect((await run(adopt)).details["note"]).to.match(/in use again, in epoch 8/);
      expect(await readState(server)).to.include({ ready: true, epoch: 8, database: "main" });
    });

    for (const [what, spoil, mode] of [
      ["another site wrote since", () => putPoint(ago(5), { writer: { site: "primary", epoch: 3 } }), adopt],
      ["its database was replaced since", () => writeState(server, { database: current.name }), adopt],
      ["its role is not active", async () => undefined, { ...adopt, SITE_ROLE: "isolated" as const }],
      [
        "the record is still the other site's",
        () => record({ site: "primary", epoch: 8, since: ago(1).toISOString() }),
        adopt,
      ],
    ] as const) {
      it(`leaves it fenced if ${what}`, async () => {
        await spoil();
        expect((await failure(mode)).message).to.match(/continuity failover/);
        expect(await readState(server)).to.include({ ready: false, epoch: 2 });
      });
    }
  });

  it("does not adopt an epoch on a standby", async () => {
    await record({ site: "alternate", epoch: 4, since: ago(1).toISOString() });
    expect((await failure({ PROMOTE_MODE: "adopt" })).message).to.match(/continuity failover/);
    await untouched();
  });
});

const settings = readSettings("standby-sync", {
  SITE: "alternate",
  SITE_ROLE: "standby",
  AWS_REGION: "eu-central-1",
  APPLICATION: "test",
  DATABASE_URL: "http://127.0.0.1:1",
  DATABASE_NAMESPACE: "test",
  DATABASE_USERNAME: "root",
  DATABASE_PASSWORD: "secret",
  BUCKET: "memory",
  BUCKET_REGION: "eu-central-1",
  EVIDENCE_BUCKET: "memory",
  EVIDENCE_BUCKET_REGION: "eu-central-1",
  ACCESS_KEYS_SECRET_ID: "keys",
});

async function* bytes(text: string): AsyncIterable<Buffer> {
  yield Buffer.from(text);
}
