import { expect } from "chai";
import { Platform, priorityClasses, type PlatformArgs } from "../../../../components/site/platform/index.ts";
import { facts, plan } from "../../../support/fixtures.ts";
import { at, ofType, only, settled, startMocks } from "../../../support/pulumi-mocks.ts";
import { containerOf } from "../jobs/support.ts";

const certificateArn = "arn:aws:acm:eu-west-1:123456789012:certificate/x";

const start = async (changes: Partial<PlatformArgs> = {}): Promise<Platform> => {
  await startMocks();
  const platform = new Platform("primary", {
    facts: facts(),
    tiers: plan.tiers,
    imageOf: (id) => `registry/${id}:1`,
    siteHostname: "primary.api.shop.example",
    ...changes,
  });
  await settled();
  return platform;
};

const deployments = () => ofType("kubernetes:apps/v1:Deployment");
const deployment = (id: string) => only("kubernetes:apps/v1:Deployment", id);
const services = () => ofType("kubernetes:core/v1:Service");

describe("a service's workload", () => {
  before(() => start({ certificateArn }));

  it("fails a rollout after three minutes, which a recovery can wait for", () => {
    for (const found of deployments()) expect(at(found, "spec.progressDeadlineSeconds"), found.name).to.equal(180);
    expect(180).to.be.lessThan(Math.min(...plan.tiers.map(({ rto }) => rto.seconds)));
  });

  it("keeps three earlier versions to return to", () => {
    for (const found of deployments()) expect(at(found, "spec.revisionHistoryLimit"), found.name).to.equal(3);
  });

  it("has one selector, of its own pods, in Deployment, Service and disruption budget", () => {
    for (const found of deployments()) {
      const own = { "app.kubernetes.io/name": found.name };
      expect(at(found, "spec.selector.matchLabels"), found.name).to.deep.equal(own);
      expect(at(found, "spec.template.metadata.labels"), found.name).to.include(own);
      const budget = only("kubernetes:policy/v1:PodDisruptionBudget", found.name);
      expect(at(budget, "spec.selector.matchLabels"), found.name).to.deep.equal(own);
      expect(at(only("kubernetes:core/v1:Service", found.name), "spec.selector"), found.name).to.deep.equal(own);
    }
  });

  it("labels its pods as part of the platform, which the database's policy admits", () => {
    for (const found of deployments()) {
      const labels = at(found, "spec.template.metadata.labels");
      expect(labels, found.name).to.include({ "app.kubernetes.io/part-of": "platform" });
    }
  });

  it("is reached inside the cluster on port 80, which leads to the container's", () => {
    for (const found of services().filter(({ name }) => name !== "backend-api")) {
      expect(at(found, "spec.ports"), found.name).to.deep.equal([{ name: "http", port: 80, targetPort: 8080 }]);
      expect(at(found, "spec.type"), found.name).to.equal(undefined);
    }
  });

  it("offers TLS beside plain HTTP where traffic enters, since services inside go on using the latter", () => {
    expect(at(only("kubernetes:core/v1:Service", "backend-api"), "spec.ports")).to.deep.equal([
      { name: "http", port: 80, targetPort: 8080 },
      { name: "https", port: 443, targetPort: 8080 },
    ]);
  });

  it("reserves 100m CPU and 256Mi memory by default", () => {
    const resources = { requests: { cpu: "100m", memory: "256Mi" }, limits: { memory: "256Mi" } };
    for (const found of deployments()) expect(containerOf(found)).to.have.deep.property("resources", resources);
  });
});

describe("a workload's settings", () => {
  it("give every pod the chosen resources", async () => {
    await start({ resources: { cpu: "2", memory: "1Gi" } });
    const resources = { requests: { cpu: "2", memory: "1Gi" }, limits: { memory: "1Gi" } };
    for (const found of deployments()) expect(containerOf(found)).to.have.deep.property("resources", resources);
  });

  it("start tiers by their rank, whatever their order in the plan", async () => {
    await start({ tiers: [...plan.tiers].reverse() });
    expect(deployment("frontend-ui").dependencies).to.include(deployment("backend-api").urn);
    expect(deployment("analytics").dependencies).to.include(deployment("frontend-ui").urn);
    expect(deployment("authentication").dependencies).to.be.empty;
  });

  it("request no certificate without one", async () => {
    await start();
    const annotations = at(only("kubernetes:core/v1:Service", "backend-api"), "metadata.annotations");
    expect(Object.keys(annotations as object).filter((key) => key.includes("-ssl-"))).to.be.empty;
  });
});

describe("priority classes of the tiers", () => {
  it("go down in even steps that leave room for a tier in between, and stay above pods without a class", async () => {
    await startMocks();
    priorityClasses("shop", plan.tiers, {});
    await settled();
    const classes = ofType("kubernetes:scheduling.k8s.io/v1:PriorityClass");
    expect(classes.map(({ inputs }) => inputs["value"])).to.deep.equal([1_000_000, 900_000, 800_000]);
    expect(classes.map((found) => at(found, "metadata.name"))).to.deep.equal([1, 2, 3].map((t) => `shop-tier-${t}`));
  });

  it("are described by the plan's names, for whoever finds a pending pod", async () => {
    await startMocks();
    priorityClasses("shop", plan.tiers, {});
    await settled();
    for (const { tier, name } of plan.tiers) {
      const found = only("kubernetes:scheduling.k8s.io/v1:PriorityClass", `shop-tier-${tier}`);
      expect(found.inputs["description"]).to.equal(`Tier ${tier} of the continuity plan: ${name}`);
    }
  });
});
