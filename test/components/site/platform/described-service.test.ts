/** What the plan may state about a service, and what it is without. */
import { expect } from "chai";
import { Platform, type PlatformArgs } from "../../../../components/site/platform/index.ts";
import { facts, plan } from "../../../support/fixtures.ts";
import { at, only, settled, startMocks } from "../../../support/pulumi-mocks.ts";
import { planWith, type Edit } from "../../../plan/support.ts";
import { containerOf, plainEnv, podOf } from "../jobs/support.ts";

const start = async (edit: Edit, changes: Partial<PlatformArgs> = {}): Promise<void> => {
  await startMocks();
  new Platform("primary", {
    facts: facts(),
    tiers: planWith(edit).tiers,
    imageOf: (id) => `registry/${id}:1`,
    siteHostname: "primary.api.shop.example",
    ...changes,
  });
  await settled();
};

const deployment = (id: string) => only("kubernetes:apps/v1:Deployment", id);
const container = (id: string) => containerOf(deployment(id)) as unknown as Record<string, unknown>;
const ports = (id: string) => at(only("kubernetes:core/v1:Service", id), "spec.ports");

describe("a service that the plan describes", () => {
  before(() =>
    start(
      ({ tiers }) =>
        Object.assign(tiers[1].services[0], {
          port: 3000,
          image: "registry.example.com/web@sha256:" + "a".repeat(64),
          environment: { THEME: "dark", FEATURES: "" },
          size: { memory: "1Gi" },
          needsKeys: true,
          probes: { alive: "/live", ready: "/warm?deep=1" },
        }),
      { resources: { cpu: "200m", memory: "300Mi" } },
    ),
  );

  it("listens on its port, behind port 80", () => {
    expect(container("frontend-ui")["ports"]).to.deep.equal([{ name: "http", containerPort: 3000 }]);
    expect(plainEnv(deployment("frontend-ui"))).to.include({ PORT: "3000" });
    expect(ports("frontend-ui")).to.deep.equal([{ name: "http", port: 80, targetPort: 3000 }]);
  });

  it("runs its image", () =>
    expect(container("frontend-ui")["image"]).to.match(/^registry\.example\.com\/web@sha256:a+$/));

  it("has its environment beside the program's own", () => {
    expect(plainEnv(deployment("frontend-ui"))).to.include({ THEME: "dark", FEATURES: "", SERVICE: "frontend-ui" });
  });

  it("has its size, and the platform's where it states none", () => {
    expect(container("frontend-ui")["resources"]).to.deep.equal({
      requests: { cpu: "200m", memory: "1Gi" },
      limits: { memory: "1Gi" },
    });
  });

  it("reads keys outside tier 1", () => {
    expect(plainEnv(deployment("frontend-ui"))).to.have.property("ACCESS_KEYS_SECRET_ID");
    expect(podOf(deployment("frontend-ui"))["serviceAccountName"]).to.equal("continuity-services");
  });

  it("is probed on its paths", () => {
    const probes = container("frontend-ui") as Record<string, { httpGet: { path: string } } | undefined>;
    const paths = ["livenessProbe", "readinessProbe", "startupProbe"].map((name) => probes[name]?.httpGet.path);
    expect(paths).to.deep.equal(["/live", "/warm?deep=1", "/live"]);
  });

  it("changes no other", () => {
    expect(ports("analytics")).to.deep.equal([{ name: "http", port: 80, targetPort: 8080 }]);
    expect(container("analytics")["image"]).to.equal("registry/analytics:1");
    expect(plainEnv(deployment("analytics"))).not.to.have.property("ACCESS_KEYS_SECRET_ID");
  });
});

describe("a service of tier 1 without keys", () => {
  before(() => start(({ tiers }) => (tiers[0].services[3].needsKeys = false)));

  it("has no AWS identity", () => {
    expect(podOf(deployment("health-monitoring"))["serviceAccountName"]).to.equal(undefined);
    expect(plainEnv(deployment("health-monitoring"))).not.to.have.property("ACCESS_KEYS_SECRET_ID");
    expect(podOf(deployment("backend-api"))["serviceAccountName"]).to.equal("continuity-services");
  });
});

describe("services of one tier", () => {
  before(() => start(() => undefined));

  for (const { id, needs, holdsData } of plan.tiers.flatMap(({ services }) => services)) {
    if (holdsData) continue;
    it(`start ${id} after ${needs.join(", ") || "no other"}`, () => {
      const own = plan.tiers.find(({ services }) => services.some((service) => service.id === id))!.services;
      const dependencies = deployment(id).dependencies;
      for (const other of own.filter((service) => service.id !== id && !service.holdsData)) {
        const after = reaches(id, other.id);
        expect(dependencies.includes(deployment(other.id).urn), `${id} after ${other.id}`).to.equal(after);
      }
    });
  }
});

/** Whether a service needs another, directly or through others: Pulumi passes dependencies on. */
function reaches(from: string, to: string): boolean {
  const needs = plan.tiers.flatMap(({ services }) => services).find(({ id }) => id === from)?.needs ?? [];
  return needs.some((need) => need === to || reaches(need, to));
}

describe("the description of a service", () => {
  const refusal = (fields: object): string => {
    try {
      planWith(({ tiers }) => Object.assign(tiers[1].services[0], fields));
    } catch (error) {
      return (error as Error).message;
    }
    return "none";
  };

  for (const [fields, path] of [
    [{ port: 80 }, "port"],
    [{ port: 70000 }, "port"],
    [{ image: "registry.example.com/web" }, "image"],
    [{ image: "Web:1" }, "image"],
    [{ environment: { "1ST": "x" } }, "environment"],
    [{ environment: { SITE_ROLE: "active" } }, "environment.SITE_ROLE"],
    [{ environment: { PORT: "1" } }, "environment.PORT"],
    [{ size: { cpu: "much" } }, "size.cpu"],
    [{ size: { memory: "300" } }, "size.memory"],
    [{ probes: { alive: "live" } }, "probes.alive"],
    [{ probes: { traffic: { status: 99 } } }, "probes.traffic.status"],
    [{ probes: { traffic: { method: "HEAD" } } }, "probes.traffic.method"],
    [{ probes: { traffic: { credential: { secret: "s", header: "a b" } } } }, "probes.traffic.credential.header"],
  ] as const) {
    it(`is refused: ${JSON.stringify(fields)}`, () => {
      expect(refusal(fields)).to.include(`tiers[1].services[0].${path}`);
    });
  }

  it("is accepted with quantities of Kubernetes", () => {
    for (const size of [{ cpu: "2" }, { cpu: "0.5", memory: "1Gi" }, { memory: "64Mi" }]) {
      expect(refusal({ size })).to.equal("none");
    }
    expect(refusal({ image: "localhost:5000/team/web_1:v1.2-rc.3" })).to.equal("none");
  });
});
