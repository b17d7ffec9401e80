/** How the database is run: order, identity, limits, and the Job that prepares it. */
import { expect } from "chai";
import { Provider as KubernetesProvider } from "@pulumi/kubernetes/provider.js";
import { Database, type DatabaseArgs } from "../../../../components/site/database/index.ts";
import { facts, refusal } from "../../../support/fixtures.ts";
import { at, only, settled, startMocks, type Made } from "../../../support/pulumi-mocks.ts";
import { containerOf, podOf } from "../jobs/support.ts";

async function build(changes: Partial<DatabaseArgs> = {}): Promise<void> {
  await startMocks();
  const args = { facts: facts(), image: "surrealdb/surrealdb:v3.0.3", jobsImage: "registry/jobs:1", storage: "50Gi" };
  const opts = {
    providers: [new KubernetesProvider("cluster", {})],
    dependsOn: [new KubernetesProvider("earlier", {})],
  };
  new Database("primary", { ...args, ...changes }, opts);
  await settled();
}

const server = () => only("kubernetes:apps/v1:StatefulSet");
const service = () => only("kubernetes:core/v1:Service");
const prepare = () => only("kubernetes:batch/v1:Job");
const secret = (name: string) => only("kubernetes:core/v1:Secret", name);
const container = () => containerOf(server()) as unknown as Record<string, Record<string, unknown>>;
const claim = () => (at(server(), "spec.volumeClaimTemplates") as { metadata: object; spec: object }[])[0]!;

describe("the database's objects", () => {
  before(() => build());

  it("come after what the component waits for, in the component's cluster", () => {
    const earlier = only("pulumi:providers:kubernetes", "earlier").urn;
    for (const found of [server(), service(), prepare(), secret("surrealdb-root"), secret("surrealdb-services")]) {
      expect(found.dependencies, found.name).to.include(earlier);
      expect(found.provider, found.name).to.equal("cluster");
    }
  });

  it("start the server after its Service and both users' secrets", () => {
    const needed: Made[] = [service(), secret("surrealdb-root"), secret("surrealdb-services")];
    expect(server().dependencies).to.include.members(needed.map(({ urn }) => urn));
  });

  it("keep passwords secret, generated for each user", () => {
    for (const [name, username] of [
      ["surrealdb-root", "root"],
      ["surrealdb-services", "services"],
    ] as const) {
      expect(secret(name).secretInputs, name).to.include("stringData");
      expect(secret(name).inputs["type"], name).to.equal("Opaque");
      expect(secret(name).inputs["stringData"], name).to.deep.equal({
        username,
        password: `password-of-primary-${username}`,
      });
    }
  });

  it("do not wait for pods behind the Service, which exists before them", () => {
    expect(at(service(), "metadata.annotations")).to.deep.equal({ "pulumi.com/skipAwait": "true" });
  });

  it("count the server as part of the platform", () => {
    const labels = { "app.kubernetes.io/name": "surrealdb", "app.kubernetes.io/part-of": "platform" };
    expect(at(server(), "spec.template.metadata.labels")).to.deep.equal(labels);
    expect(at(service(), "metadata.labels")).to.deep.equal(labels);
  });
});

describe("the database's pod", () => {
  before(() => build());

  it("ranks with the most critical tier and gets no token of the Kubernetes API", () => {
    expect(podOf(server())).to.include({ priorityClassName: "vapora-tier-1", automountServiceAccountToken: false });
  });

  it("complies with the restricted security level, which its namespace enforces", () => {
    expect(podOf(server())["securityContext"]).to.deep.include({
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(container()["securityContext"]).to.deep.equal({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  it("has 30 s to end a running transaction", () => {
    expect(podOf(server())["terminationGracePeriodSeconds"]).to.equal(30);
  });

  it("stores its data on the claimed volume, and temporary files beside it", () => {
    expect(claim().metadata).to.deep.equal({ name: "data" });
    expect(container()["volumeMounts"]).to.deep.equal([
      { name: "data", mountPath: "/data" },
      { name: "tmp", mountPath: "/tmp" },
    ]);
    expect(podOf(server())["volumes"]).to.deep.equal([{ name: "tmp", emptyDir: {} }]);
  });

  it("claims a volume for one node, of the cluster's default storage class", () => {
    expect(claim().spec).to.deep.include({ accessModes: ["ReadWriteOnce"] });
    expect(claim().spec).not.to.have.property("storageClassName");
  });

  it("has its name in the cluster from its Service", () => {
    expect(at(server(), "spec.serviceName")).to.equal(service().name);
  });

  it("reserves 1 CPU and 2Gi memory by default, and limits memory", () => {
    expect(container()["resources"]).to.deep.equal({
      requests: { cpu: "1", memory: "2Gi" },
      limits: { memory: "2Gi" },
    });
  });

  const probes = [
    ["startupProbe", 300, "a recovery of the storage may take five minutes"],
    ["readinessProbe", 6, "traffic stops within seconds of a failure"],
    ["livenessProbe", 60, "a slow minute is no reason for a restart"],
  ] as const;

  for (const [probe, seconds, why] of probes) {
    it(`fails its ${probe} after ${seconds} s: ${why}`, () => {
      const { periodSeconds, failureThreshold = 3 } = container()[probe] as Record<string, number>;
      expect(periodSeconds! * failureThreshold).to.equal(seconds);
      expect(container()[probe]).to.have.nested.property("httpGet.port", "http");
    });
  }
});

describe("the Job that prepares the database", () => {
  before(() => build());

  it("signs in as root and creates the services' user, both by reference to secrets", () => {
    const from = (name: string, key: string) => ({ secretKeyRef: { name, key } });
    const { env } = containerOf(prepare());
    for (const [prefix, name] of [
      ["DATABASE", "surrealdb-root"],
      ["SERVICES", "surrealdb-services"],
    ] as const) {
      expect(env).to.deep.include({ name: `${prefix}_USERNAME`, valueFrom: from(name, "username") });
      expect(env).to.deep.include({ name: `${prefix}_PASSWORD`, valueFrom: from(name, "password") });
    }
  });

  it("has the name of its run, no AWS rights, and retries in new pods", () => {
    expect(containerOf(prepare()).env.map(({ name }) => name)).to.include.members(["JOB_NAME", "POD_IP"]);
    expect(podOf(prepare())).to.include({ serviceAccountName: "continuity-jobs", restartPolicy: "Never" });
  });

  it("runs the jobs' image", () => {
    expect(containerOf(prepare()).image).to.equal("registry/jobs:1");
  });
});

describe("the database's settings", () => {
  it("give the server the chosen resources", async () => {
    await build({ resources: { cpu: "4", memory: "16Gi" } });
    const resources = { requests: { cpu: "4", memory: "16Gi" }, limits: { memory: "16Gi" } };
    expect(container()["resources"]).to.deep.equal(resources);
  });

  for (const storage of ["1Mi", "50Gi", "2Ti"]) {
    it(`accept a volume of ${storage}`, async () => {
      await build({ storage });
      expect(claim().spec).to.deep.include({ resources: { requests: { storage } } });
    });
  }

  for (const storage of ["50gi", "1.5Gi", "x50Gi", "50Gi ", "050Gi"]) {
    it(`refuse a volume of ${JSON.stringify(storage)}, and name the database`, async () => {
      await startMocks();
      const message = refusal(
        () => new Database("primary", { facts: facts(), image: "database:3", jobsImage: "jobs:1", storage }),
      );
      expect(message)
        .to.contain('Database "primary": 1 problem(s)')
        .and.contain(`storage is ${JSON.stringify(storage)}`);
    });
  }
});
