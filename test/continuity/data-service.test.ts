import { expect } from "chai";
import * as pulumi from "@pulumi/pulumi";
import { deployStack, readSettings } from "../../components/stack/index.ts";
import { watchGates } from "../../continuity/failover/gates.ts";
import { StepLog } from "../../continuity/failover/steps.ts";
import { createProgress } from "../../continuity/progress.ts";
import { siteStatus } from "../../continuity/status.ts";
import { reservedNames } from "../../contract/index.ts";
import { planWith } from "../plan/support.ts";
import { deployed } from "../support/deployed.ts";
import { stackConfig } from "../support/fixtures.ts";
import { at, made, settled, startMocks } from "../support/pulumi-mocks.ts";
import { FakeCluster, type KubeObject } from "./fake-cluster.ts";
import { failoverContext } from "./failover-context.ts";

const apps = "/apis/apps/v1/namespaces/vapora";

/** The real plan, with a data service named differently from its workload. */
const plan = planWith((edit) => {
  for (const tier of edit.tiers) {
    for (const service of tier.services) {
      if (service.id === "surrealdb") service.id = "project-data";
      service.needs = service.needs?.map((need: string) => (need === "surrealdb" ? "project-data" : need));
    }
  }
  edit.recoveryPhases[0].steps[1].services = ["project-data"];
});

const workloads = (kind: string): KubeObject[] =>
  made
    .filter(({ type }) => type === `kubernetes:apps/v1:${kind}`)
    .map((found) => {
      const replicas = Number(at(found, "spec.replicas"));
      const counted = { replicas, updatedReplicas: replicas, availableReplicas: replicas, readyReplicas: replicas };
      return {
        ...found.inputs,
        metadata: { ...(found.inputs["metadata"] as object), generation: 1 },
        kind,
        status: { observedGeneration: 1, ...counted },
      };
    });

describe("a plan with a differently named data service", () => {
  const cluster = new FakeCluster();
  let services: Readonly<Record<string, string[]>>;

  before(async () => {
    await startMocks({}, stackConfig("alternate", "active"));
    ({ services = {} } = deployStack(readSettings(new pulumi.Config()), plan));
    await settled();
    cluster.answers.set(`${apps}/deployments`, { items: workloads("Deployment") });
    cluster.answers.set(`${apps}/statefulsets`, { items: workloads("StatefulSet") });
  });

  it("is deployed under the plan's names, with its data in the database's workload", () => {
    expect(services["1"]).to.include("project-data");
    expect(workloads("StatefulSet").map(({ metadata }) => metadata.name)).to.deep.equal(["surrealdb"]);
    expect(workloads("Deployment").map(({ metadata }) => metadata.name)).not.to.include("project-data");
  });

  it("opens the gates of a failover", async () => {
    const context = failoverContext(cluster, { plan });
    const gates = watchGates(context, new StepLog(createProgress({ write: () => true })), {
      signal: AbortSignal.timeout(5000),
      updateEnded: () => undefined,
    });
    await gates.firstPhase;
    expect([...(await gates.all).up.keys()]).to.include("project-data");
  });

  it("is ready in the status", async () => {
    const { settings } = failoverContext(cluster);
    const aws = { endpoint: "http://127.0.0.1:9", credentials: { accessKeyId: "a", secretAccessKey: "b" } };
    const status = await siteStatus({ stack: "dr", settings, plan, kubernetes: () => cluster, aws });
    expect(status.services).to.deep.include({ id: "project-data", tier: 1, ready: 1, wanted: 1 });
  });
});

describe("reserved names", () => {
  it("are those of everything deployed besides the plan's services", async () => {
    const own = new Set<string>();
    for (const role of ["active", "standby"] as const) {
      const { resources, outputs } = await deployed("alternate", role);
      const ofThePlan = Object.values(outputs.services).flat();
      for (const resource of resources) {
        if (!/^kubernetes:(apps|batch|core)\/v1:(Deployment|StatefulSet|CronJob|Job|Service)$/.test(resource.type))
          continue;
        const name = String(at(resource, "metadata.name"));
        if (!ofThePlan.includes(name) || name === "surrealdb") own.add(name);
      }
    }
    expect(own.size).to.be.above(5);
    expect(reservedNames).to.include.members([...own]);
  });
});
