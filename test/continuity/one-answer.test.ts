/** One bucket, five readers: each must find the same newest verified recovery point, whatever else is there. */
import { expect } from "chai";
import { bucketKeys, standbyEvidenceKey, type SiteName } from "../../contract/index.ts";
import { preChecks } from "../../continuity/failover/checks.ts";
import { listPoints } from "../../continuity/point-states.ts";
import { siteStatus } from "../../continuity/status.ts";
import { decisionKey, manifestKey, objectsIn, readWriter, type Manifest } from "../../jobs/index.ts";
import { readCatalogue } from "../../jobs/points/read-catalogue.ts";
import { runWatch } from "../../jobs/recovery-point-watch.ts";
import { readSettings, type Settings } from "../../jobs/settings.ts";
import type { Generation } from "../../jobs/standby/generations.ts";
import { currentOf, findDoubt, nextTask } from "../../jobs/standby/next-task.ts";
import { evidenceOf, fullManifestOf, manifestOf } from "../support/recovery-points.ts";
import { FakeBuckets } from "./fake-bucket.ts";
import { FakeCluster } from "./fake-cluster.ts";
import { failoverContext } from "./failover-context.ts";
import { hostnames } from "./fake-site.ts";
import { serveBuckets, type ServedBuckets } from "./served-buckets.ts";
import { scheduleEnvironment } from "../support/schedule-environment.ts";

const bucket = "vapora-recovery-points-eu-central-1";
const site: SiteName = "alternate";
const startedAt = Date.now();
const ago = (minutes: number): Date => new Date(startedAt - minutes * 60_000);

/** A standby reduced to its decisions: what it follows is verified immediately and leaves evidence. */
class PaperStandby {
  readonly generations: Generation[] = [];

  async look(buckets: FakeBuckets): Promise<void> {
    const store = objectsIn(buckets, bucket);
    for (;;) {
      const writer = (await readWriter(store))?.writer;
      const catalogue = await readCatalogue({ store, writer, since: this.generations.map(({ full }) => full) });
      for (const generation of this.generations) {
        const doubt = generation.doubt ?? findDoubt(generation, catalogue, writer);
        if (doubt !== undefined) Object.assign(generation, { doubt });
      }
      const task = nextTask(catalogue, this.generations);
      if (!task) return;
      const generation = task.kind === "continue" ? task.generation : ({} as Generation);
      if (task.kind === "import") this.generations.push(Object.assign(generation, { name: `g${task.full.slot}` }));
      for (const point of task.kind === "continue" ? task.points : [task.full]) {
        const { kind, slot, full, snapshotAt } = point;
        Object.assign(generation, { kind, slot, full, snapshotAt, ...point.writer, state: "verified" });
        const evidence = evidenceOf(new Date(), { kind, slot, full, snapshotAt, epoch: point.writer.epoch });
        buckets.put(bucket, standbyEvidenceKey(slot), evidence);
      }
    }
  }

  /** What a promotion would use, unless in doubt. */
  get newest(): string | undefined {
    const current = currentOf(this.generations);
    return current?.doubt === undefined ? current?.slot : undefined;
  }
}

const watchSettings = (): Settings<"recovery-point-watch"> =>
  readSettings("recovery-point-watch", {
    SITE: site,
    SITE_ROLE: "standby",
    APPLICATION: "vapora",
    AWS_REGION: "eu-central-1",
    EVIDENCE_BUCKET: bucket,
    EVIDENCE_BUCKET_REGION: "eu-central-1",
    ...scheduleEnvironment,
  });

describe("the newest verified recovery point of one bucket", function () {
  this.timeout(10_000);
  let served: ServedBuckets;
  let buckets: FakeBuckets;
  let standby: PaperStandby;
  const environment = { ...process.env };
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };

  before(async () => {
    served = await serveBuckets(() => buckets);
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: served.endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    });
  });
  after(() => {
    served.stop();
    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
    Object.assign(process.env, environment);
  });

  const [full, first] = [fullManifestOf(ago(60)), manifestOf(ago(50))];
  const good = { ...first, full: full.slot, parent: { kind: "full" as const, slot: full.slot } };
  /** The recovery point under test: the newest slot, complete except for what a case changes. */
  const suspect = fullManifestOf(ago(10));
  const suspicion = { since: `full ${suspect.slot}`, reasons: ["table ledger lost half of its rows"] };

  const put = (manifest: Manifest, storedAt = new Date(manifest.finishedAt)): void => {
    const key = manifestKey(manifest.kind, manifest.slot);
    buckets.put(bucket, key, manifest);
    buckets.storedAt.set(`${bucket}/${key}`, storedAt);
  };
  const record = (writer: object) => buckets.put(bucket, bucketKeys.writer, writer);
  const decide = (decision: string) =>
    buckets.put(bucket, decisionKey(suspicion.since), { decision, by: "ada", at: ago(5).toISOString(), reason: "r" });
  /** Evidence that the recovery point does not deserve. */
  const forge = (changed: object = {}): void => {
    const { slot, snapshotAt, writer } = suspect;
    const own = { kind: "full" as const, slot, full: slot, snapshotAt, epoch: writer.epoch };
    buckets.put(bucket, standbyEvidenceKey(slot), { ...evidenceOf(ago(8), own), ...changed });
  };

  beforeEach(async () => {
    buckets = new FakeBuckets();
    standby = new PaperStandby();
    put(full);
    put(good);
    await standby.look(buckets);
  });

  /** Slot found by each reader; undefined: none, or an error. */
  async function answers(): Promise<Record<string, string | undefined>> {
    await standby.look(buckets).catch(() => undefined);
    const cluster = new FakeCluster();
    // Host names of the service that respond immediately.
    const resolve = Object.fromEntries(Object.values(hostnames).map((name) => [name, served.endpoint]));
    const context = failoverContext(cluster, { resolve });
    const { settings, plan } = context;
    const aws = { endpoint: served.endpoint, credentials };
    const log = (): void => undefined;
    const [checks, status, watch, list] = await Promise.all([
      preChecks(context, buckets),
      siteStatus({ stack: "dr", settings, plan, kubernetes: () => cluster, aws }),
      runWatch(watchSettings(), true, { signal: new AbortController().signal, log }).catch(() => undefined),
      listPoints(objectsIn(buckets, bucket), site).catch(() => []),
    ]);
    const listed = list.filter(({ state, why }) => state === "verified" || why.some((one) => /still has it/.test(one)));
    return {
      failover: checks.newestVerified?.slot,
      status: status.recoveryPoint?.slot,
      watch: watch?.details["slot"] as string | undefined,
      list: listed.at(-1)?.slot,
      promotion: await readWriter(objectsIn(buckets, bucket)).then(
        () => standby.newest,
        () => undefined,
      ),
    };
  }
  const all = (slot: string | undefined) => ({
    failover: slot,
    status: slot,
    watch: slot,
    list: slot,
    promotion: slot,
  });

  it("is the last of a good chain", async () => {
    expect(await answers()).to.deep.equal(all(good.slot));
  });

  it("is a newer full export as soon as the standby has it", async () => {
    put(suspect);
    expect(await answers()).to.deep.equal(all(suspect.slot));
  });

  it("remains after its parts are lost: the standby has it", async () => {
    const hash = "0".repeat(64);
    const key = `points/full/${suspect.slot}/data-1.zst`;
    const compression = "zstd" as const;
    buckets.put(bucket, key, "x");
    put({ ...suspect, parts: [{ key, sha256: hash, bytes: 1, compression, contentSha256: hash, contentBytes: 1 }] });
    await standby.look(buckets);
    buckets.objects.delete(`${bucket}/${key}`);
    expect(await answers()).to.deep.equal(all(suspect.slot));
  });

  it("is a suspicious one that was accepted", async () => {
    put({ ...suspect, suspicious: suspicion });
    decide("accept");
    expect(await answers()).to.deep.equal(all(suspect.slot));
  });

  it("is unknown while the writer record is invalid", async () => {
    record({ site, epoch: "two" });
    expect(await answers()).to.deep.equal(all(undefined));
  });

  it("is none if the only recovery point was written after another site took over", async () => {
    for (const { kind, slot } of [full, good]) {
      buckets.objects.delete(`${bucket}/${manifestKey(kind, slot)}`);
      buckets.objects.delete(`${bucket}/${standbyEvidenceKey(slot)}`);
    }
    standby = new PaperStandby();
    put(suspect);
    await standby.look(buckets);
    record({ site: "alternate", epoch: 2, since: ago(20).toISOString() });
    expect(await answers()).to.deep.equal(all(undefined));
  });

  const unread = () => buckets.denied.add(`${bucket}/${manifestKey("full", suspect.slot)}`);
  const cases: Record<string, () => void | Promise<void>> = {
    "was followed, and turns out to be a replaced site's": async () => {
      put(suspect);
      await standby.look(buckets);
      record({ site: "alternate", epoch: 2, since: ago(20).toISOString() });
    },
    "was followed, and turns out to be of an epoch that has ended": async () => {
      put(suspect);
      await standby.look(buckets);
      record({ site: "primary", epoch: 3, since: ago(20).toISOString() });
    },
    "was followed, and turns out to be the other site's in the writer's own epoch": async () => {
      put({ ...suspect, writer: { site: "alternate", epoch: 1 } });
      await standby.look(buckets);
      record({ site: "primary", epoch: 1, since: ago(120).toISOString() });
    },
    "is of an epoch above every record": () => {
      put({ ...suspect, writer: { site: "primary", epoch: 7 } });
      forge({ epoch: 7 });
    },
    "is of an epoch that cannot be": () => {
      put({ ...suspect, writer: { site: "primary", epoch: 2_000_000_000 } });
      forge({ epoch: 2_000_000_000 });
    },
    "is marked, and nobody has decided": () => {
      put({ ...suspect, suspicious: suspicion });
      forge();
    },
    "is marked and rejected": () => {
      put({ ...suspect, suspicious: suspicion });
      decide("reject");
      forge();
    },
    "is marked, and the decision is no decision": () => {
      put({ ...suspect, suspicious: suspicion });
      decide("perhaps");
      forge();
    },
    "is from the future": () => {
      const snapshotAt = ago(-120).toISOString();
      put({ ...suspect, snapshotAt });
      forge({ snapshotAt });
    },
    "was finished in the future": () => {
      put({ ...suspect, finishedAt: ago(-120).toISOString() }, ago(10));
      forge();
    },
    "is later than its arrival": () => {
      put(suspect, ago(40));
      forge();
    },
    "is another one than the evidence is of": () => {
      put({ ...suspect, snapshotAt: "yesterday" });
      forge();
    },
    "has a manifest of another slot": () => {
      buckets.put(bucket, manifestKey("full", suspect.slot), full);
      forge();
    },
    "has a manifest that may not be read": () => {
      put(suspect);
      unread();
      forge();
    },
    "has no manifest": () => forge(),
    "has evidence of a failed verification only": () => {
      put({ ...suspect, suspicious: suspicion });
      forge({ verified: false, differences: ["table ledger differs"] });
    },
    "has evidence of another site's standby only": () => {
      put({ ...suspect, suspicious: suspicion });
      forge({ site: "primary" });
    },
  };
  for (const [what, spoil] of Object.entries(cases)) {
    it(`is not one that ${what}`, async () => {
      await spoil();
      expect(await answers()).to.deep.equal(all(good.slot));
    });
  }
});
