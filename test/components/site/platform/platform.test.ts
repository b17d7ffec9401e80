import { expect } from "chai";
import { Platform, priorityClasses, type PlatformArgs } from "../../../../components/site/platform/index.ts";
import type { Role } from "../../../../contract/index.ts";
import { facts, plan, refusal } from "../../../support/fixtures.ts";
import { at, ofType, only, settled, startMocks } from "../../../support/pulumi-mocks.ts";
import { containerOf, plainEnv, podOf } from "../jobs/support.ts";

const build = (role: Role = "active", changes: Partial<PlatformArgs> = {}): Platform =>
  new Platform("primary", {
    facts: facts("primary", role),
    tiers: plan.tiers,
    imageOf: (id) => `registry/${id}:1`,
    siteHostname: "primary.api.shop.example",
    ...changes,
  });

const deployments = () => ofType("kubernetes:apps/v1:Deployment");
const deployment = (id: string) => only("kubernetes:apps/v1:Deployment", id);
const service = (id: string) => only("kubernetes:core/v1:Service", id);
const replicas = () => Object.fromEntries(deployments().map((found) => [found.name, at(found, "spec.replicas")]));

const idsOf = (tier: number): string[] =>
  plan.tiers.find((found) => found.tier === tier)!.services.flatMap(({ id, holdsData }) => (holdsData ? [] : [id]));

describe("Platform", () => {
  let platform: Platform;

  before(async () => {
    await startMocks();
    platform = build();
    await settled();
  });

  it("runs every service of the plan except the one that holds the data", () => {
    expect(deployments().map(({ name }) => name)).to.have.members([1, 2, 3].flatMap(idsOf));
    expect(platform.services["1"]).to.include.members(["surrealdb", "backend-api"]);
  });

  it("starts a tier after every Deployment of the one before", () => {
    for (const tier of [2, 3]) {
      for (const id of idsOf(tier)) {
        const needed = idsOf(tier - 1).map((before) => deployment(before).urn);
        expect(deployment(id).dependencies, id).to.include.members(needed);
      }
    }
    const own = new Set(idsOf(1).map((id) => deployment(id).urn));
    for (const id of idsOf(1))
      expect(
        deployment(id).dependencies.every((urn) => own.has(urn)),
        id,
      ).to.equal(true);
  });

  for (const tier of [1, 2, 3]) {
    it(`schedules tier ${tier} by its rank and labels it`, () => {
      for (const id of idsOf(tier)) {
        expect(podOf(deployment(id))["priorityClassName"]).to.equal(`vapora-tier-${tier}`);
        expect(at(deployment(id), "spec.template.metadata.labels")).to.include({ "continuity.vapora/tier": `${tier}` });
      }
    });
  }

  it("configures each service's identity and database address", () => {
    expect(plainEnv(deployment("llm-routing"))).to.deep.equal({
      SITE: "primary",
      SITE_ROLE: "active",
      SERVICE: "llm-routing",
      SERVICE_TIER: "2",
      PORT: "8080",
      DATABASE_URL: "http://surrealdb:8000",
      DATABASE_NAMESPACE: "vapora",
      AWS_REGION: "eu-west-1",
    });
  });

  it("has services sign in as the services' user, never as root", () => {
    for (const found of deployments()) {
      const secrets = containerOf(found).env.flatMap(({ valueFrom }) => (valueFrom ? [valueFrom] : []));
      const from = (key: string) => ({ secretKeyRef: { name: "surrealdb-services", key } });
      expect(secrets, found.name).to.deep.equal([from("username"), from("password")]);
    }
  });

  it("gives access keys and an AWS identity to the most critical tier only", () => {
    const withKeys = deployments().filter((found) => "ACCESS_KEYS_SECRET_ID" in plainEnv(found));
    const withIdentity = deployments().filter((found) => podOf(found)["serviceAccountName"] !== undefined);
    expect(withKeys.map(({ name }) => name)).to.have.members(idsOf(1));
    expect(withIdentity.map(({ name }) => name)).to.have.members(idsOf(1));
  });

  it("rolls out all new pods at once, keeping the old ones until then", () => {
    for (const found of deployments()) {
      expect(at(found, "spec.strategy")).to.deep.equal({
        type: "RollingUpdate",
        rollingUpdate: { maxSurge: "100%", maxUnavailable: 0 },
      });
    }
  });

  it("probes liveness and readiness of each pod", () => {
    for (const found of deployments()) {
      expect(containerOf(found), found.name).to.have.nested.property("livenessProbe.httpGet.path", "/healthz");
      expect(containerOf(found), found.name).to.have.nested.property("readinessProbe.httpGet.path", "/readyz");
    }
    expect(containerOf(deployment("backend-api"))).to.have.nested.property("readinessProbe.periodSeconds", 1);
  });

  it("prefers to spread pods", () => {
    const rules = podOf(deployment("backend-api"))["topologySpreadConstraints"] as Record<string, string>[];
    expect(rules.map(({ topologyKey }) => topologyKey)).to.include("topology.kubernetes.io/zone");
    expect(new Set(rules.map(({ whenUnsatisfiable }) => whenUnsatisfiable))).to.deep.equal(new Set(["ScheduleAnyway"]));
  });

  it("permits draining a node, one pod at a time", () => {
    const budgets = ofType("kubernetes:policy/v1:PodDisruptionBudget");
    expect(budgets.map(({ name }) => name)).to.have.members(deployments().map(({ name }) => name));
    expect(new Set(budgets.map((budget) => at(budget, "spec.maxUnavailable")))).to.deep.equal(new Set([1]));
  });

  it("receives the site's traffic at one load balancer, under the site's name", () => {
    const balanced = ofType("kubernetes:core/v1:Service").filter((found) => at(found, "spec.type") === "LoadBalancer");
    expect(balanced.map(({ name }) => name)).to.deep.equal(["backend-api"]);
    const annotations = service("backend-api").inputs["metadata"] as { annotations: Record<string, string> };
    expect(annotations.annotations["external-dns.alpha.kubernetes.io/hostname"]).to.equal("primary.api.shop.example");
  });

  it("never waits for pods behind a Service: a pilot light has none", () => {
    for (const found of ofType("kubernetes:core/v1:Service")) {
      expect(at(found, "metadata.annotations"), found.name).to.include({ "pulumi.com/skipAwait": "true" });
    }
  });
});

describe("Platform's load balancer", () => {
  it("sends traffic to nodes, since registering new pods during a failover would take minutes", async () => {
    await startMocks();
    build();
    await settled();
    const { annotations } = service("backend-api").inputs["metadata"] as { annotations: Record<string, string> };
    expect(annotations).to.include({
      "service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing",
      "service.beta.kubernetes.io/aws-load-balancer-nlb-target-type": "instance",
    });
  });
});

describe("Platform with a certificate", () => {
  beforeEach(() => startMocks());

  it("uses TLS at its load balancer only", async () => {
    build("active", { certificateArn: "arn:aws:acm:eu-west-1:123456789012:certificate/x" });
    await settled();
    const https = { name: "https", port: 443, targetPort: 8080 };
    expect(at(service("backend-api"), "spec.ports")).to.deep.include(https);
    expect(at(service("frontend-ui"), "spec.ports")).not.to.deep.include(https);
    const { annotations } = service("backend-api").inputs["metadata"] as { annotations: Record<string, string> };
    expect(annotations).to.include({
      "service.beta.kubernetes.io/aws-load-balancer-ssl-cert": "arn:aws:acm:eu-west-1:123456789012:certificate/x",
      "service.beta.kubernetes.io/aws-load-balancer-ssl-ports": "https",
    });
  });

  it("uses plain HTTP without one", async () => {
    build();
    await settled();
    expect(at(service("backend-api"), "spec.ports")).to.deep.equal([{ name: "http", port: 80, targetPort: 8080 }]);
  });
});

describe("Platform on different roles", () => {
  beforeEach(() => startMocks());

  const expected = (one: number, two: number, three: number) =>
    Object.fromEntries(
      [one, two, three].flatMap((count, index) => idsOf(index + 1).map((id): [string, number] => [id, count])),
    );

  it("runs everything while active", async () => {
    build("active");
    await settled();
    expect(replicas()).to.deep.equal(expected(2, 1, 1));
  });

  it("runs the plan's warm-standby tiers on a standby, and scales the rest to zero", async () => {
    build("standby");
    await settled();
    expect(replicas()).to.deep.equal(expected(2, 0, 0));
  });

  it("follows the plan if another tier is a warm standby", async () => {
    const tiers = plan.tiers.map((tier) => (tier.tier === 2 ? { ...tier, standby: "warm-standby" as const } : tier));
    build("standby", { tiers });
    await settled();
    expect(replicas()).to.deep.equal(expected(2, 1, 0));
  });

  it("runs nothing on an isolated site", async () => {
    build("isolated");
    await settled();
    expect(replicas()).to.deep.equal(expected(0, 0, 0));
  });

  it("accepts other numbers of pods", async () => {
    build("active", { tierReplicas: { 1: 3, 3: 2 } });
    await settled();
    expect(replicas()).to.deep.equal(expected(3, 1, 2));
  });

  it("keeps the load balancer in every role, so that a failover creates none", async () => {
    build("isolated");
    await settled();
    expect(at(service("backend-api"), "spec.type")).to.equal("LoadBalancer");
  });
});

describe("priority classes", () => {
  it("rank the tiers, all below the system's own", async () => {
    await startMocks();
    priorityClasses("shop", plan.tiers, {});
    await settled();
    const values = ofType("kubernetes:scheduling.k8s.io/v1:PriorityClass").map(
      ({ inputs }) => inputs["value"] as number,
    );
    expect(values).to.deep.equal([...values].sort((a, b) => b - a));
    expect(new Set(values).size).to.equal(plan.tiers.length);
    expect(Math.max(...values)).to.be.lessThan(2_000_000_000);
  });
});

describe("Platform, refused", () => {
  beforeEach(() => startMocks());

  it("reports all invalid numbers of pods at once", () => {
    const message = refusal(() => build("active", { tierReplicas: { 1: 0, 2: 1.5, 7: 1 } }));
    expect(message).to.contain("3 problem(s)");
    for (const argument of ["tierReplicas.1 is 0", "tierReplicas.2 is 1.5", 'tierReplicas.7 is "7"']) {
      expect(message).to.contain(argument);
    }
  });

  it("a plan without the service that takes the traffic", () => {
    const tiers = plan.tiers.map((tier) => ({
      ...tier,
      services: tier.services.filter(({ id }) => id !== "backend-api"),
    }));
    expect(refusal(() => build("active", { tiers }))).to.contain(
      "must contain a service that takes the site's traffic",
    );
  });
});
