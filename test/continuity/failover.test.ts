import { expect } from "chai";
import { preChecks } from "../../continuity/failover/checks.ts";
import type { FailoverContext } from "../../continuity/failover/context.ts";
import { servicesByPhase, watchGates } from "../../continuity/failover/gates.ts";
import { acceptedLoss, promoteDatabase } from "../../continuity/failover/restore.ts";
import { StepLog } from "../../continuity/failover/steps.ts";
import { isUp, whyNotComing } from "../../continuity/failover/workloads.ts";
import { manifestKey, slotOf } from "../../jobs/index.ts";
import { bucketKeys, standbyEvidenceKey } from "../../contract/index.ts";
import { evidenceOf, manifestOf } from "../support/recovery-points.ts";
import { FakeBuckets } from "./fake-bucket.ts";
import { failoverContext, silent } from "./failover-context.ts";
import { FakeCluster, type KubeObject } from "./fake-cluster.ts";
import { FakeSites, hostnames } from "./fake-site.ts";
import { examplePlan } from "../support/example-plan.ts";

const plan = examplePlan();
const apps = "/apis/apps/v1/namespaces/vapora";
const batch = "/apis/batch/v1/namespaces/vapora";

const deployment = (name: string, role = "active", replicas = 2): KubeObject => ({
  kind: "Deployment",
  metadata: { name, generation: 3 },
  spec: { replicas, template: { spec: { containers: [{ env: [{ name: "SITE_ROLE", value: role }] }] } } },
  status: {
    observedGeneration: 3,
    replicas,
    updatedReplicas: replicas,
    availableReplicas: replicas,
    readyReplicas: replicas,
  },
});

const database = {
  kind: "StatefulSet",
  metadata: { name: "surrealdb" },
  spec: { replicas: 1 },
  status: { readyReplicas: 1 },
};

let sites: FakeSites;
before(async () => (sites = (await FakeSites.start()).standbyAlone()));
after(() => sites.stop());

const context = (cluster: FakeCluster, change: Partial<FailoverContext> = {}): FailoverContext =>
  failoverContext(cluster, { resolve: sites.resolve, ...change });

const copies = "vapora-recovery-points-eu-central-1";

/** The alternate region's bucket with one verified recovery point. */
function bucket(ageSeconds: number, changed: { evidence?: object; manifest?: object } = {}): FakeBuckets {
  const buckets = new FakeBuckets();
  putPoint(buckets, ageSeconds, changed);
  return buckets;
}

/** Returns the slot. */
function putPoint(
  buckets: FakeBuckets,
  ageSeconds: number,
  { evidence = {}, manifest = {} }: { evidence?: object; manifest?: object } = {},
): string {
  const time = new Date(Date.now() - ageSeconds * 1000);
  const slot = slotOf(time);
  buckets.put(copies, standbyEvidenceKey(slot), { ...evidenceOf(time), ...evidence });
  buckets.put(copies, manifestKey("changes", slot), { ...manifestOf(time), ...manifest });
  return slot;
}

function standby(): FakeCluster {
  const cluster = new FakeCluster();
  cluster.answers.set(`${apps}/statefulsets/surrealdb`, database);
  cluster.answers.set(`${batch}/cronjobs/standby-promote`, {
    metadata: { uid: "u" },
    spec: { jobTemplate: { spec: {} } },
  });
  return cluster;
}

describe("pre-checks of a failover", () => {
  it("pass with a healthy standby", async () => {
    const buckets = new FakeBuckets();
    const slot = putPoint(buckets, 60);
    const report = await preChecks(context(standby()), buckets);
    expect(report.blockers).to.deep.equal([]);
    expect(report.newestVerified?.slot).to.equal(slot);
  });

  it("use the newest of all verified recovery points", async () => {
    const buckets = bucket(600);
    const slot = putPoint(buckets, 60);
    putPoint(buckets, 300);
    expect((await preChecks(context(standby()), buckets)).newestVerified?.slot).to.equal(slot);
  });

  for (const [what, changed] of [
    ["that was not verified", { evidence: { verified: false, differences: ["table ledger differs"] } }],
    ["of the other site's standby", { evidence: { site: "primary" } }],
    ["of a recovery point with different data", { manifest: { snapshotAt: "2026-01-15T09:59:00.000Z" } }],
    [
      "of a stale writer's recovery point",
      { evidence: { epoch: 0 }, manifest: { writer: { site: "primary", epoch: 0 } } },
    ],
  ] as const) {
    it(`reject evidence ${what}`, async () => {
      const buckets = new FakeBuckets();
      const good = putPoint(buckets, 900);
      putPoint(buckets, 60, changed);
      const since = new Date(Date.now() - 300_000).toISOString();
      buckets.put(copies, bucketKeys.writer, { site: "primary", epoch: 1, since });
      const report = await preChecks(context(standby()), buckets);
      expect(report.newestVerified?.slot).to.equal(good);
      expect(report.blockers).to.deep.equal([]);
    });
  }

  it("reject evidence of a recovery point that never existed", async () => {
    const buckets = bucket(900);
    buckets.put(copies, standbyEvidenceKey("20990101T000000Z"), evidenceOf(new Date("2099-01-01T00:00:00Z")));
    const time = new Date(Date.now() - 60_000);
    buckets.put(copies, standbyEvidenceKey(slotOf(time)), evidenceOf(time));
    const { blockers, warnings, newestVerified } = await preChecks(context(standby()), buckets);
    expect(blockers).to.deep.equal([]);
    expect((Date.now() - (newestVerified?.snapshotAt ?? 0)) / 1000).to.be.within(895, 960);
    expect(warnings.join("\n")).to.match(/20990101T000000Z.*in the future[^]*is missing/);
  });

  it("reject a future recovery point, whose age is meaningless", async () => {
    const { blockers } = await preChecks(context(standby()), bucket(-7200));
    expect(blockers.join()).to.match(/no recovery point has been restored and verified/);
    const accepted = await preChecks(context(standby(), { acceptDataLoss: true }), bucket(-7200));
    expect(accepted.blockers).to.have.length(1);
  });

  it("skip and report evidence that is not JSON", async () => {
    const buckets = bucket(900);
    const stray = standbyEvidenceKey(slotOf(new Date()));
    buckets.put(copies, stray, "{");
    const { blockers, warnings } = await preChecks(context(standby()), buckets);
    expect(blockers).to.deep.equal([]);
    expect(warnings.join()).to.contain(`skipped ${stray}: it is not JSON`);
  });

  it("are blocked by an invalid writer record", async () => {
    const buckets = bucket(60);
    buckets.put(copies, bucketKeys.writer, { site: "alternate" });
    const { blockers } = await preChecks(context(standby()), buckets);
    expect(blockers.join()).to.match(
      /cannot read the recovery points: .*control\/writer.json is not a valid writer record: epoch: /,
    );
  });

  it("report everything that is missing at once", async () => {
    const { blockers } = await preChecks(context(new FakeCluster()), new FakeBuckets());
    expect(blockers).to.have.length(3);
    expect(blockers.join())
      .to.match(/database .* not ready/)
      .and.to.match(/standby-promote is missing/)
      .and.to.match(/no recovery point/);
  });

  it("reject a recovery point older than the RPO, unless the loss is accepted", async () => {
    const old = bucket(plan.recovery.rpo.seconds + 60);
    expect((await preChecks(context(standby()), old)).blockers.join()).to.match(/61 min old.*--accept-data-loss/);
    expect((await preChecks(context(standby(), { acceptDataLoss: true }), old)).blockers).to.deep.equal([]);
  });

  it("fail while the other site serves, unless forced", async () => {
    sites.answer(hostnames.otherHostname, "primary", true);
    try {
      expect((await preChecks(context(standby()), bucket(60))).blockers.join()).to.match(/the primary site serves/);
      const forced = await preChecks(context(standby(), { forceUnplanned: true }), bucket(60));
      expect(forced.blockers).to.deep.equal([]);
      expect(forced.names.otherServes).to.equal(true);
    } finally {
      sites.standbyAlone();
    }
  });

  it("warn if the site is already active", async () => {
    const settings = { ...context(standby()).settings, role: "active" as const };
    expect((await preChecks(context(standby(), { settings }), bucket(60))).warnings.join()).to.match(/already active/);
  });
});

describe("pre-checks of a site whose role is active", () => {
  const late = plan.recovery.rpo.seconds + 60;
  const check = (buckets: FakeBuckets, change: Partial<FailoverContext> = {}) => {
    const settings = { ...context(standby()).settings, role: "active" as const };
    return preChecks(context(standby(), { settings, ...change }), buckets);
  };
  const withWriter = (site: "primary" | "alternate"): FakeBuckets => {
    const buckets = bucket(late);
    buckets.put(copies, bucketKeys.writer, { site, epoch: 2, since: new Date(Date.now() - 10_000).toISOString() });
    return buckets;
  };

  it("do not require acceptance of a loss if the database is already promoted", async () => {
    const { blockers, warnings } = await check(withWriter("alternate"));
    expect(blockers).to.deep.equal([]);
    expect(warnings.join()).to.match(/61 min old.*the database is already promoted/);
  });

  it("require it if the failover was interrupted before the promotion", async () => {
    expect((await check(bucket(late))).blockers.join()).to.match(/61 min old.*--accept-data-loss/);
    expect((await check(bucket(late), { acceptDataLoss: true })).blockers).to.deep.equal([]);
  });
});

describe("a service in its active role", () => {
  it("is up when all its replicas are new and available", () => expect(isUp(deployment("a"))).to.equal(true));

  for (const [what, spoil] of [
    ["the old role", { spec: { ...deployment("a", "standby").spec } }],
    ["an unseen change", { metadata: { name: "a", generation: 4 } }],
    [
      "remaining old pods",
      { status: { observedGeneration: 3, replicas: 3, updatedReplicas: 2, availableReplicas: 2 } },
    ],
    ["a replica missing", { status: { observedGeneration: 3, replicas: 2, updatedReplicas: 2, availableReplicas: 1 } }],
    ["no replicas wanted", { spec: { ...deployment("a", "active", 0).spec } }],
  ] as const) {
    it(`is not up with ${what}`, () => expect(isUp({ ...deployment("a"), ...spoil })).to.equal(false));
  }

  it("has no role if it is the database", () => {
    expect(isUp(database)).to.equal(true);
    expect(isUp({ ...database, status: { readyReplicas: 0 } })).to.equal(false);
  });
});

describe("a workload that is not up after the update ended", () => {
  const status = { ...deployment("a").status, availableReplicas: 0 };
  const stuck = { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "timed out" };

  for (const [what, workload, reason] of [
    ["was never deployed", undefined, /not deployed/],
    ["still has its old role", deployment("a", "standby"), /not updated to its active role/],
    ["is scaled to nothing", deployment("a", "active", 0), /scaled to 0/],
    ["made no progress", { ...deployment("a"), status: { ...status, conditions: [stuck] } }, /timed out/],
  ] as const) {
    it(`is not awaited if it ${what}`, () => expect(whyNotComing(workload, Date.now())).to.match(reason));
  }

  it("may still come up while its pods start, for a while", () => {
    expect(whyNotComing({ ...deployment("a"), status }, Date.now() - 60_000)).to.equal(undefined);
    expect(whyNotComing({ ...deployment("a"), status }, Date.now() - 200_000)).to.match(/2 of 2 pods are ready, 180 s/);
    expect(whyNotComing({ ...database, status: {} }, Date.now() - 200_000)).to.match(/0 of 1 pods/);
  });
});

/** The gates' options while the update is running. */
const going = (signal: AbortSignal) => ({ signal, updateEnded: () => undefined });

describe("gates of the recovery phases", () => {
  it("contain every service of the plan once", () => {
    const ids = servicesByPhase(plan).flat();
    expect(ids).to.have.members(plan.tiers.flatMap((tier) => tier.services.map((service) => service.id)));
    expect(new Set(ids).size).to.equal(ids.length);
  });

  it("open one after the other, the first without waiting for the later ones", async () => {
    const cluster = new FakeCluster();
    const phases = servicesByPhase(plan);
    let come = 1;
    const present = () =>
      phases
        .slice(0, come)
        .flat()
        .filter((id) => id !== "surrealdb")
        .map((id) => deployment(id));
    cluster.answers.set(`${apps}/deployments`, () => ({ items: present() }));
    cluster.answers.set(`${apps}/statefulsets`, { items: [database] });
    const abort = new AbortController();
    const gates = watchGates(context(cluster), new StepLog(silent), going(abort.signal));
    await gates.firstPhase;
    come = phases.length;
    expect([...(await gates.all).up.keys()]).to.have.members(phases.flat());
  });

  it("close permanently when the failover is aborted", async () => {
    const cluster = new FakeCluster();
    cluster.answers.set(`${apps}/deployments`, { items: [] });
    cluster.answers.set(`${apps}/statefulsets`, { items: [] });
    const abort = new AbortController();
    const gates = watchGates(context(cluster), new StepLog(silent), going(abort.signal));
    abort.abort(new Error("given up"));
    const error = await gates.firstPhase.then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error?.message).to.match(/given up/);
  });
});

describe("the last import of a failover", () => {
  it("passes on the loss accepted by the incident commander", async () => {
    const cluster = standby();
    const container = { name: "job", env: [{ name: "ACCEPTED_LOSS_SECONDS", value: "3600" }] };
    cluster.answers.set(`${batch}/cronjobs/standby-promote`, {
      metadata: { uid: "u" },
      spec: { jobTemplate: { spec: { template: { spec: { containers: [container] } } } } },
    });
    const limit = AbortSignal.timeout(20);
    await promoteDatabase(cluster, 5, limit, acceptedLoss({ plan, acceptDataLoss: true }, Date.now())).catch(
      () => undefined,
    );
    const [started] = cluster.sent.filter(({ method }) => method === "POST");
    expect(started?.body.spec.template.spec.containers[0].env).to.deep.equal([
      { name: "ACCEPTED_LOSS_SECONDS", value: "any" },
    ]);
  });

  it("allows the loss that the checks accepted, however long ago that was", () => {
    const firstTier = Math.min(...plan.tiers.map(({ rto }) => rto.seconds));
    const accepted = Number(acceptedLoss({ plan }, Date.now() - 90_000).ACCEPTED_LOSS_SECONDS);
    expect(accepted - plan.recovery.rpo.seconds - firstTier).to.be.within(90, 95);
  });

  it("fails with the job's reason if the database was not promoted", async () => {
    const cluster = standby();
    const ended = {
      metadata: { creationTimestamp: "2026-01-15T10:00:00Z" },
      status: { conditions: [{ type: "Failed", status: "True", message: "BackoffLimitExceeded" }] },
    };
    cluster.get = ((get) => (path: string) =>
      path.startsWith(`${batch}/jobs/`) ? Promise.resolve(ended) : get.call(cluster, path))(cluster.get);
    cluster.answers.set("/api/v1/namespaces/vapora/pods", { items: [] });
    const error = await promoteDatabase(cluster, 5).then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error?.message).to.equal("the database was not promoted: BackoffLimitExceeded");
  });
});

describe("an aborted failover", () => {
  const reasonOf = (promise: Promise<unknown>): Promise<string | undefined> =>
    promise.then(
      () => undefined,
      (reason: Error) => reason.message,
    );

  it("no longer waits for the promotion", async () => {
    const cluster = standby();
    cluster.get = ((get) => (path: string) =>
      path.startsWith(`${batch}/jobs/`) ? Promise.resolve({ status: {} }) : get.call(cluster, path))(cluster.get);
    const abort = new AbortController();
    const promoting = promoteDatabase(cluster, 3600, abort.signal);
    setTimeout(() => abort.abort(), 20);
    expect(await reasonOf(promoting)).to.match(/abort/);
  });

  it("starts no promotion", async () => {
    const cluster = standby();
    expect(await reasonOf(promoteDatabase(cluster, 3600, AbortSignal.abort()))).to.match(/abort/);
    expect(cluster.sent).to.deep.equal([]);
  });
});

describe("the log of steps", () => {
  it("records start, end and outcome of each step", async () => {
    const steps = new StepLog(silent);
    await steps.run("a", async () => 1);
    await steps.run("b", () => Promise.reject(new Error("no"))).catch(() => {});
    expect(steps.records.map(({ name, outcome }) => [name, outcome])).to.deep.equal([
      ["a", "done"],
      ["b", "failed"],
    ]);
    expect(steps.records.every((step) => step.endedAt >= step.startedAt)).to.equal(true);
  });
});
