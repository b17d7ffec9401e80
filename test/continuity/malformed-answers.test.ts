/** What an API, a proxy or a site answers against its own description: an error or "not up", and never a crash or "up". */
import { expect } from "chai";
import fc from "fast-check";
import { siteEndpoint } from "../../contract/index.ts";
import { preChecks } from "../../continuity/failover/checks.ts";
import { watchGates } from "../../continuity/failover/gates.ts";
import { StepLog } from "../../continuity/failover/steps.ts";
import { verifyService } from "../../continuity/failover/verify.ts";
import { isUp, whyNotComing } from "../../continuity/failover/workloads.ts";
import { finishedJob, parseResultLine, startJobFrom } from "../../continuity/kubernetes-jobs.ts";
import { listWorkloads } from "../../continuity/kubernetes-objects.ts";
import { probeSite } from "../../continuity/site-probe.ts";
import { siteStatus } from "../../continuity/status.ts";
import { FakeBuckets } from "./fake-bucket.ts";
import { failoverContext, silent } from "./failover-context.ts";
import { FakeCluster, type KubeObject } from "./fake-cluster.ts";
import { FakeSites, hostnames, probe } from "./fake-site.ts";

const apps = "/apis/apps/v1/namespaces/vapora";
const batch = "/apis/batch/v1/namespaces/vapora";
const longAgo = 0;

const counts = { replicas: 2, updatedReplicas: 2, availableReplicas: 2, readyReplicas: 2 };
const deployment = (name = "a"): KubeObject => ({
  kind: "Deployment",
  metadata: { name, generation: 3 },
  spec: { replicas: 2, template: { spec: { containers: [{ env: [{ name: "SITE_ROLE", value: "active" }] }] } } },
  status: { observedGeneration: 3, ...counts },
});
const statefulSet = (name = "surrealdb"): KubeObject => ({
  kind: "StatefulSet",
  metadata: { name, generation: 1 },
  spec: { replicas: 1 },
  status: { observedGeneration: 1, readyReplicas: 1 },
});

/** The object with something else at a path; undefined: nothing is there. */
function altered(object: KubeObject, path: string, value: unknown): KubeObject {
  const copy = structuredClone(object);
  const names = path.split(".");
  const last = names.pop() as string;
  const parent = names.reduce((at, name) => at[name], copy);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy;
}

const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => expect.fail("it was accepted"),
    (error: unknown) => String(error),
  );
/** What JavaScript says where nobody looked. */
const crash = /Cannot read|is not (?:a function|iterable|an object)|undefined is/;

const oddNumbers = ["2", "", -1, 2.5, true, {}, [2], Number.NaN, 1e30];
const oddObjects = [null, "x", 7, []];

describe("a workload that the API describes against its own rules", () => {
  const fields: Record<string, { object: KubeObject; paths: string[]; values: unknown[] }> = {
    "a Deployment's number": {
      object: deployment(),
      paths: [
        "metadata.generation",
        "spec.replicas",
        "status.observedGeneration",
        "status.replicas",
        "status.updatedReplicas",
        "status.availableReplicas",
      ],
      values: oddNumbers,
    },
    "a Deployment's part": {
      object: deployment(),
      paths: ["metadata", "spec", "status", "spec.template", "spec.template.spec", "kind"],
      values: [...oddObjects, {}],
    },
    "a Deployment's containers": {
      object: deployment(),
      paths: [
        "spec.template.spec.containers",
        "spec.template.spec.containers.0",
        "spec.template.spec.containers.0.env",
      ],
      values: [...oddObjects, {}, [null], [{}], [{ name: "SITE_ROLE" }], [{ name: "SITE_ROLE", value: 1 }]],
    },
    "a StatefulSet's number": {
      object: statefulSet(),
      paths: ["metadata.generation", "spec.replicas", "status.observedGeneration", "status.readyReplicas"],
      values: oddNumbers,
    },
    "a StatefulSet's part": {
      object: statefulSet(),
      paths: ["metadata", "spec", "status", "kind"],
      values: oddObjects,
    },
  };
  for (const [what, { object, paths, values }] of Object.entries(fields)) {
    for (const path of paths) {
      it(`is not up where ${what} is odd: ${path}`, () => {
        expect(isUp(object)).to.equal(true);
        for (const value of values) {
          const odd = altered(object, path, value);
          expect(isUp(odd), JSON.stringify(value)).to.equal(false);
          expect(whyNotComing(odd, longAgo), JSON.stringify(value)).to.be.a("string");
        }
      });
    }
  }

  it("is not up where a field that must be there is missing", () => {
    for (const path of ["metadata", "spec", "status", "spec.template", "status.observedGeneration"])
      expect(isUp(altered(deployment(), path, undefined)), path).to.equal(false);
    for (const path of ["metadata", "spec", "status", "status.readyReplicas"])
      expect(isUp(altered(statefulSet(), path, undefined)), path).to.equal(false);
  });

  it("is judged without a crash, whatever it is", () => {
    fc.assert(
      fc.property(fc.anything(), (object) => {
        expect(isUp(object)).to.equal(false);
        whyNotComing(object, longAgo);
      }),
    );
  });

  it("may be whole in the next answer, until the pods had their time; the reason names the field", () => {
    const odd = altered(deployment(), "status.replicas", "2");
    expect(whyNotComing(odd, Date.now())).to.equal(undefined);
    expect(whyNotComing(odd, longAgo)).to.match(/malformed: status\.replicas: /);
  });
});

describe("a list of workloads that is none", () => {
  const lists = [{}, { items: null }, { items: "x" }, { items: [null] }, { items: [{ metadata: {} }] }, []];

  it("is an error that says what is wrong", async () => {
    for (const list of lists) {
      const cluster = new FakeCluster();
      cluster.answers.set(`${apps}/deployments`, list);
      cluster.answers.set(`${apps}/statefulsets`, { items: [] });
      const message = await messageOf(listWorkloads(cluster));
      expect(message, JSON.stringify(list))
        .to.match(/malformed/)
        .and.not.to.match(crash);
    }
  });

  it("opens no gate", async () => {
    for (const list of lists) {
      const cluster = new FakeCluster();
      cluster.answers.set(`${apps}/deployments`, list);
      cluster.answers.set(`${apps}/statefulsets`, { items: [statefulSet()] });
      const abort = new AbortController();
      const context = failoverContext(cluster);
      const gates = watchGates(context, new StepLog(silent), { signal: abort.signal, updateEnded: () => longAgo });
      setTimeout(() => abort.abort(new Error("long enough")), 30);
      expect(await messageOf(gates.firstPhase)).to.match(/long enough/);
    }
  });

  it("holds the gate back where one service's own description is malformed", async () => {
    const cluster = new FakeCluster();
    const context = failoverContext(cluster);
    const names = context.plan.tiers.flatMap(({ services }) => services.map(({ id }) => id));
    const items = names.map((name) => deployment(name));
    cluster.answers.set(`${apps}/statefulsets`, { items: [statefulSet()] });
    const open = async (spoilt: KubeObject[]): Promise<string> => {
      cluster.answers.set(`${apps}/deployments`, { items: spoilt });
      const signal = AbortSignal.timeout(2000);
      const gates = watchGates(context, new StepLog(silent), { signal, updateEnded: () => longAgo });
      return gates.firstPhase.then(() => "open", String);
    };
    expect(await open(items)).to.equal("open");
    expect(await open(items.map((item) => altered(item, "status.updatedReplicas", null)))).to.match(/of 2 pods are/);
    expect(await open(items.map((item) => altered(item, "status.replicas", "2")))).to.match(/malformed/);
  });

  it("is a problem of the site in the status, and a service in it is not ready", async () => {
    const cluster = new FakeCluster();
    const { settings, plan } = failoverContext(cluster);
    const aws = { endpoint: "http://127.0.0.1:9", credentials: { accessKeyId: "a", secretAccessKey: "b" } };
    const status = () => siteStatus({ stack: "dr", settings, plan, kubernetes: () => cluster, aws });
    cluster.answers.set(`${apps}/deployments`, { items: [null] });
    cluster.answers.set(`${apps}/statefulsets`, { items: [altered(statefulSet(), "status.readyReplicas", "1")] });
    const closed = await status();
    expect(closed.clusterReachable).to.equal(false);
    expect(closed.problems.join())
      .to.match(/the API's Deployment is malformed/)
      .and.not.to.match(crash);
    cluster.answers.set(`${apps}/deployments`, { items: [] });
    expect((await status()).services).to.deep.include({ id: "surrealdb", tier: 1, ready: 0, wanted: 1 });
  });
});

describe("pre-checks", () => {
  it("refuse a standby database whose description is odd", async () => {
    const refuses = async (value: unknown): Promise<void> => {
      const cluster = new FakeCluster();
      cluster.answers.set(`${apps}/statefulsets/surrealdb`, altered(statefulSet(), "status.readyReplicas", value));
      cluster.answers.set(`${batch}/cronjobs/standby-promote`, {});
      const { blockers } = await preChecks(failoverContext(cluster), new FakeBuckets());
      expect(blockers.join(), JSON.stringify(value))
        .to.match(/surrealdb is not ready/)
        .and.not.to.match(crash);
    };
    await Promise.all(["1", {}, true, -1, null].map(refuses));
  });
});

describe("a Job that the API describes against its own rules", () => {
  const metadata = { name: "x", creationTimestamp: "2026-01-15T10:00:00Z" };
  const complete = { type: "Complete", status: "True" };
  const pod = { metadata: { name: "p" }, spec: { containers: [{ name: "job" }] } };
  const finished = (job: unknown, pods: unknown = { items: [pod] }) => {
    const cluster = new FakeCluster();
    cluster.answers.set(`${batch}/jobs/x`, job);
    cluster.answers.set("/api/v1/namespaces/vapora/pods", pods);
    cluster.answers.set("/api/v1/namespaces/vapora/pods/p/log", '{"job":"x","outcome":"succeeded"}');
    return finishedJob(cluster, "vapora", "x", 0.2);
  };

  it("has not finished", async () => {
    expect(await finished({ metadata, status: { conditions: [complete] } })).to.include({ succeeded: true });
    const odd: unknown[] = [
      {},
      { metadata, status: null },
      { metadata, status: { conditions: "Complete" } },
      { metadata, status: { conditions: [null] } },
      { metadata, status: { conditions: [{ type: "Complete", status: true }] } },
      { metadata, status: { conditions: [{ ...complete, status: "Unknown" }] } },
      { status: { conditions: [complete] } },
    ];
    const hasNot = async (job: unknown): Promise<void> => {
      const message = await messageOf(finished(job));
      expect(message, JSON.stringify(job))
        .to.match(/job x: timed out after/)
        .and.not.to.match(crash);
    };
    await Promise.all(odd.map(hasNot));
  });

  it("has not finished where its pods cannot be read", async () => {
    const hasNot = async (pods: unknown): Promise<void> => {
      const message = await messageOf(finished({ metadata, status: { conditions: [complete] } }, pods));
      expect(message)
        .to.match(/malformed/)
        .and.not.to.match(crash);
    };
    await Promise.all([{}, { items: [null] }, { items: [{ ...pod, spec: { containers: [] } }] }].map(hasNot));
  });

  it("is not started from a template that is none", async () => {
    const odd = [{}, { metadata: { uid: "u" }, spec: {} }, { metadata: {}, spec: { jobTemplate: { spec: {} } } }];
    for (const cronJob of odd) {
      const cluster = new FakeCluster();
      cluster.answers.set(`${batch}/cronjobs/export`, cronJob);
      expect(await messageOf(startJobFrom(cluster, "vapora", "export", { suffix: "x" })))
        .to.match(/the API's CronJob is malformed/)
        .and.not.to.match(crash);
      expect(cluster.sent).to.deep.equal([]);
    }
  });

  it("gives no result that is none", () => {
    for (const line of ['{"job":"a","outcome":"perhaps"}', '{"job":1,"outcome":"failed"}', '{"outcome":"failed"}'])
      expect(parseResultLine(line)).to.equal(undefined);
  });
});

describe("a site whose answers are no objects", () => {
  let sites: FakeSites;
  before(async () => (sites = await FakeSites.start()));
  after(() => sites.stop());

  for (const body of [null, "ready", 1, [], { site: "primary", ready: "true" }, { ready: 1, token: 7 }]) {
    it(`does not serve: ${JSON.stringify(body)}`, async () => {
      const hostname = hostnames.siteHostname;
      sites.set(hostname, { [probe.path]: { status: 200, body } });
      const host = { hostname, endpoint: siteEndpoint(undefined), resolve: sites.resolve };
      expect(await probeSite({ ...host, probe })).to.include({ serves: false, answers: true });
      const message = await messageOf(verifyService({ ...host, probe, site: "alternate", timeoutSeconds: 0.2 }));
      expect(message)
        .to.match(/timed out after/)
        .and.not.to.match(crash);
    });
  }
});
