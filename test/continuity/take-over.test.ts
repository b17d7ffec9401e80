/** A complete failover against a fake cluster, engine and AWS in this process. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { failover, type FailoverContext, type FailoverResult } from "../../continuity/failover/index.ts";
import type { PreviewFindings, UpdateOptions } from "../../continuity/stacks.ts";
import { manifestKey, slotOf } from "../../jobs/index.ts";
import { standbyEvidenceKey, type Role } from "../../contract/index.ts";
import { evidenceOf, manifestOf } from "../support/recovery-points.ts";
import { FakeCluster, type KubeObject } from "./fake-cluster.ts";
import { failoverContext } from "./failover-context.ts";
import { hostnames } from "./fake-site.ts";
import { examplePlan } from "../support/example-plan.ts";

const apps = "/apis/apps/v1/namespaces/vapora";
const batch = "/apis/batch/v1/namespaces/vapora";
const plan = examplePlan();
const tier = (number: number): string[] =>
  plan.tiers.filter((t) => t.tier === number).flatMap(({ services }) => services.map(({ id }) => id));

const now = new Date();
const [slot, snapshotAt] = [slotOf(now), now.toISOString()];

/** A standby whose Deployments get the active role from the fake engine. */
class Site extends FakeCluster {
  readonly active = new Set<string>();
  promotion: "Complete" | "Failed" = "Complete";

  constructor() {
    super();
    const database = { metadata: { name: "surrealdb" }, spec: { replicas: 1 }, status: { readyReplicas: 1 } };
    this.answers.set(`${apps}/statefulsets/surrealdb`, database);
    this.answers.set(`${apps}/statefulsets`, { items: [database] });
    this.answers.set(`${apps}/deployments`, () => ({
      items: plan.tiers.flatMap((t) => tier(t.tier)).map(this.#workload),
    }));
    this.answers.set(`${batch}/cronjobs/standby-promote`, {
      metadata: { uid: "u" },
      spec: { jobTemplate: { spec: { template: { spec: { containers: [{ name: "job" }] } } } } },
    });
    const pod = { metadata: { name: "p", creationTimestamp: snapshotAt }, spec: { containers: [{ name: "job" }] } };
    this.answers.set("/api/v1/namespaces/vapora/pods", { items: [pod] });
    const result = {
      job: "standby-promote",
      outcome: "succeeded",
      durationSeconds: 1,
      recoveryPoint: slot,
      snapshotAt,
    };
    this.answers.set("/api/v1/namespaces/vapora/pods/p/log", JSON.stringify(result));
  }

  override async get(path: string): Promise<KubeObject> {
    if (!path.startsWith(`${batch}/jobs/`)) return super.get(path);
    const conditions = [{ type: this.promotion, status: "True" }];
    return { metadata: { creationTimestamp: snapshotAt }, status: { conditions, completionTime: snapshotAt } };
  }

  #workload = (name: string): KubeObject => {
    const role = this.active.has(name) ? "active" : "standby";
    const containers = [{ env: [{ name: "SITE_ROLE", value: role }] }];
    const status = { replicas: 1, updatedReplicas: 1, availableReplicas: 1, readyReplicas: 1 };
    return { metadata: { name }, spec: { replicas: 1, template: { spec: { containers } } }, status };
  };
}

/** Acts as the recovery-point bucket, CloudWatch and the service; records requests. */
async function startCloud() {
  const asked: string[] = [];
  const refuses = { traffic: false };
  const copies = "/vapora-recovery-points-eu-central-1/";
  const objects = new Map<string, unknown>([
    [`${copies}${standbyEvidenceKey(slot)}`, evidenceOf(now)],
    [`${copies}${manifestKey("changes", slot)}`, manifestOf(now)],
  ]);
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://cloud");
    request.resume();
    asked.push(`${request.method} ${pathname} ${request.headers["x-amz-target"] ?? ""}`);
    if (refuses.traffic && `${request.headers["x-amz-target"]}`.includes("PutMetricData")) {
      return response.writeHead(403).end("{}");
    }
    if (pathname === "/.well-known/continuity") {
      return response.end(JSON.stringify({ site: "alternate", role: "active", ready: true }));
    }
    if (searchParams.has("list-type")) {
      const keys = [...objects.keys()].map((path) => path.slice(copies.length));
      const found = keys.filter((key) => key.startsWith(searchParams.get("prefix") ?? ""));
      const contents = found.map((key) => `<Contents><Key>${key}</Key></Contents>`).join("");
      return response.end(`<ListBucketResult><IsTruncated>false</IsTruncated>${contents}</ListBucketResult>`);
    }
    if (request.method === "GET" && pathname.startsWith(copies)) {
      const object = objects.get(pathname);
      if (object !== undefined) return response.end(JSON.stringify(object));
      return response.writeHead(404).end("<Error><Code>NoSuchKey</Code></Error>");
    }
    return response.end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { server, asked, refuses, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe("a failover", () => {
  let cloud: Awaited<ReturnType<typeof startCloud>>;
  let site: Site;
  let roles: Role[];

  before(async () => (cloud = await startCloud()));
  after(() => cloud.server.close());
  beforeEach(() => {
    site = new Site();
    roles = [];
    cloud.asked.length = 0;
    cloud.refuses.traffic = false;
  });

  const context = (
    up: (options: UpdateOptions) => Promise<void>,
    change: Partial<FailoverContext> = {},
    found: Partial<PreviewFindings> = {},
  ) =>
    failoverContext(site, {
      stack: {
        preview: async () => ({ violations: [], failures: [], unfinished: undefined, ...found }),
        role: async () => roles.at(-1) ?? "standby",
        setRole: async (role) => void roles.push(role),
        up: (options = {}) => up(options),
      },
      aws: { endpoint: cloud.url, credentials: { accessKeyId: "a", secretAccessKey: "b" } },
      resolve: {
        [hostnames.publicHostname]: cloud.url,
        [hostnames.siteHostname]: cloud.url,
        [hostnames.otherHostname]: "http://127.0.0.1:1",
      },
      ...change,
    });

  /** An engine that gives some services the active role and then ends, successfully or not. */
  const update =
    (services: string[], error?: string) =>
    async ({ onUnderWay }: UpdateOptions): Promise<void> => {
      onUnderWay?.();
      for (const service of services) site.active.add(service);
      if (error !== undefined) throw new Error(error);
    };

  const reasonOf = (promise: Promise<unknown>): Promise<Error | undefined> =>
    promise.then(
      () => undefined,
      (error: Error) => error,
    );
  const movedTraffic = (): boolean => cloud.asked.some((line) => line.includes("PutMetricData"));
  const promoted = (): boolean => site.sent.some(({ path }) => path === `${batch}/jobs`);
  const everyService = plan.tiers.flatMap((t) => tier(t.tier));

  it("is complete when all services of the plan are up", async () => {
    const result = await failover(context(update(everyService)));
    expect(result.incomplete).to.deep.equal([]);
    expect(Object.keys(result.servicesUp)).to.have.members(everyService);
    expect([movedTraffic(), roles]).to.deep.equal([true, ["active"]]);
  });

  it("passes the loss accepted by the checks to the promotion", async () => {
    await failover(context(update(everyService)));
    const { body } = site.sent.find(({ path }) => path === `${batch}/jobs`) ?? {};
    const env = body?.spec.template.spec.containers[0].env;
    expect(env.map(({ name }: KubeObject) => name)).to.deep.equal(["ACCEPTED_LOSS_SECONDS"]);
    expect(Number(env[0].value)).to.be.greaterThan(plan.recovery.rpo.seconds);
  });

  it("moves tier 1 although the update of a later tier fails, and reports the rest", async () => {
    const refused = "update of dr: analytics: admission webhook denied the request";
    const result: FailoverResult = await failover(context(update([...tier(1), ...tier(2)], refused)));
    expect(movedTraffic()).to.equal(true);
    expect(Object.keys(result.servicesUp)).to.have.members([...tier(1), ...tier(2)]);
    expect(result.incomplete.join("\n"))
      .to.match(/analytics is not up: it was not updated to its active role/)
      .and.to.match(/role update is not complete: .*admission webhook denied/);
    const kept = cloud.asked.find((line) => line.startsWith("PUT") && line.includes("evidence/failover/"));
    expect([kept !== undefined, result.evidence !== undefined]).to.deep.equal([true, true]);
  });

  it("moves tier 1 while the update of later tiers is running", async () => {
    let movedBeforeTheEnd = false;
    const slow = async ({ onUnderWay }: UpdateOptions): Promise<void> => {
      onUnderWay?.();
      for (const service of tier(1)) site.active.add(service);
      for (let tries = 0; !movedTraffic() && tries < 150; tries++) await delay(20);
      movedBeforeTheEnd = movedTraffic();
      for (const service of everyService) site.active.add(service);
    };
    expect((await failover(context(slow))).incomplete).to.deep.equal([]);
    expect(movedBeforeTheEnd).to.equal(true);
  });

  it("waits for the update of later tiers if traffic cannot be switched", async () => {
    let [ended, aborted] = [false, false];
    const slow = async ({ onUnderWay, signal }: UpdateOptions): Promise<void> => {
      onUnderWay?.();
      for (const service of tier(1)) site.active.add(service);
      for (let tries = 0; !movedTraffic() && tries < 150; tries++) await delay(20);
      await delay(500, undefined, signal && { signal }).catch(() => (aborted = true));
      for (const service of everyService) site.active.add(service);
      ended = true;
    };
    cloud.refuses.traffic = true;
    const error = await reasonOf(failover(context(slow)));
    expect(error?.name).not.to.equal("CannotRun");
    expect([error === undefined, ended, aborted]).to.deep.equal([false, true, false]);
  });

  it("aborts the update immediately if the database cannot be promoted", async () => {
    let aborted = false;
    const slow = async ({ onUnderWay, signal }: UpdateOptions): Promise<void> => {
      onUnderWay?.();
      await delay(5000, undefined, signal && { signal }).catch(() => (aborted = true));
    };
    site.promotion = "Failed";
    const error = await reasonOf(failover(context(slow)));
    await delay(20); // the engine is signalled without waiting for it
    expect([error?.message.includes("the database was not promoted"), aborted]).to.deep.equal([true, true]);
  });

  it("fails immediately with the reason if tier 1 cannot come up", async () => {
    const began = performance.now();
    const error = await reasonOf(failover(context(update([], "update of dr: backend-api: image not found"))));
    expect(error?.message).to.match(/backend-api: it was not updated to its active role.*image not found/);
    expect(movedTraffic()).to.equal(false);
    expect(performance.now() - began).to.be.below(3000);
  });

  it("promotes nothing and resets the role if the stack is locked", async () => {
    const error = await reasonOf(failover(context(() => Promise.reject(new Error("locked by root@elsewhere")))));
    expect(error?.name).to.equal("CannotRun");
    expect(error?.message).to.match(/not started; nothing was changed\n.*locked by root@elsewhere/);
    expect([promoted(), roles]).to.deep.equal([false, ["active", "standby"]]);
  });

  const refusals: [what: string, found: Partial<PreviewFindings>, reason: RegExp][] = [
    ["that is violated", { violations: ["export-meets-rpo: late"] }, /rejects the role update: export-meets-rpo/],
    ["without a verdict", { unfinished: "the pack does not load" }, /reached no verdict: the pack/],
  ];
  for (const [what, found, reason] of refusals) {
    it(`changes nothing with a policy ${what}, unless policies are skipped`, async () => {
      const error = await reasonOf(failover(context(update(everyService), {}, found)));
      expect(error?.name).to.equal("CannotRun");
      expect(error?.message)
        .to.match(reason)
        .and.to.match(/--skip-policies/);
      expect([promoted(), roles, site.sent]).to.deep.equal([false, [], []]);

      const result = await failover(context(update(everyService), { skipPolicies: true }, found));
      expect(result.warnings.join())
        .to.match(reason)
        .and.to.match(/skipped/);
      expect(movedTraffic()).to.equal(true);
    });
  }

  it("continues without a policy pack, with a warning", async () => {
    const result = await failover(context(update(everyService), { missingPack: "/project/policies" }));
    expect(result.warnings.join()).to.match(/policies are not checked: there is no policy pack in .project.policies/);
  });

  it("continues although the cluster rejects a resource in the preview", async () => {
    const result = await failover(context(update(everyService), {}, { failures: ["analytics: denied"] }));
    expect(result.warnings.join()).to.match(/will be incomplete.*analytics: denied/);
    expect(movedTraffic()).to.equal(true);
  });
});
