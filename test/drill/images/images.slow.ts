import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { onMachine, startCluster } from "@vapora-continuity/local-cloud/cluster";
import type { Cluster } from "@vapora-continuity/local-cloud/cluster";
import { buildImages } from "../../../drill/images/index.ts";
import { compareLedger, readLedger, seed, startLoad } from "../../../drill/load/index.ts";
import { openRun } from "@vapora-continuity/local-cloud/run";
import type { Run } from "@vapora-continuity/local-cloud/run";
import { ensureCluster } from "@vapora-continuity/local-cloud/tools";
import { Api } from "../../../packages/local-cloud/test/cluster/api.ts";
import type { KubernetesObject } from "../../../packages/local-cloud/test/cluster/api.ts";
import { eventually } from "./small-site.ts";

const [registry, tag, databaseImage] = ["images.example/vapora", "7", "images.example/database:v3"];
const namespace = "/api/v1/namespaces/default";
const deployments = "/apis/apps/v1/namespaces/default/deployments";
const user = { SURREAL_USER: "root", SURREAL_PASS: "a-root-password" };

const env = (values: Record<string, string>): object[] =>
  Object.entries(values).map(([name, value]) => ({ name, value }));

const service = (name: string, port: number, targetPort: number, spec = {}): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name },
  spec: { selector: { app: name }, ports: [{ port, targetPort }], ...spec },
});

const workload = (kind: string, name: string, container: object, spec = {}): KubernetesObject => ({
  apiVersion: "apps/v1",
  kind,
  metadata: { name },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { terminationGracePeriodSeconds: 5, containers: [{ name, ...container }] },
    },
    ...spec,
  },
});

const database = workload(
  "StatefulSet",
  "surrealdb",
  {
    image: databaseImage,
    args: ["start", "--bind", "[::]:8000", "rocksdb:/data/vapora.db"],
    env: env(user),
    readinessProbe: { httpGet: { path: "/health", port: 8000 }, periodSeconds: 1 },
    volumeMounts: [{ name: "data", mountPath: "/data" }],
  },
  {
    serviceName: "surrealdb",
    volumeClaimTemplates: [
      {
        metadata: { name: "data" },
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
      },
    ],
  },
);

const vapora = (name: string): KubernetesObject =>
  workload("Deployment", name, {
    image: `${registry}/${name}:${tag}`,
    env: env({
      SITE: "primary",
      SITE_ROLE: "active",
      SERVICE: name,
      SERVICE_TIER: "1",
      PORT: "8080",
      AWS_REGION: "eu-west-1",
      ACCESS_KEYS_SECRET_ID: "keys",
      DATABASE_URL: "http://surrealdb:8000",
      DATABASE_NAMESPACE: "vapora",
      DATABASE_USERNAME: "services",
      DATABASE_PASSWORD: "a-services-password",
    }),
    readinessProbe: { httpGet: { path: "/readyz", port: 8080 }, periodSeconds: 1 },
  });

const prepare: KubernetesObject = {
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "database-prepare" },
  spec: {
    backoffLimit: 0,
    template: {
      metadata: { labels: { app: "database-prepare" } },
      spec: {
        restartPolicy: "Never",
        containers: [
          {
            name: "job",
            image: `${registry}/continuity-jobs:${tag}`,
            args: ["prepare-database"],
            env: env({
              SITE: "primary",
              SITE_ROLE: "active",
              DATABASE_URL: "http://surrealdb:8000",
              DATABASE_NAMESPACE: "vapora",
              DATABASE_USERNAME: user.SURREAL_USER,
              DATABASE_PASSWORD: user.SURREAL_PASS,
              SERVICES_USERNAME: "services",
              SERVICES_PASSWORD: "a-services-password",
            }),
          },
        ],
      },
    },
  },
};

const isReady = (o: KubernetesObject): boolean => o["status"]?.readyReplicas === 1;

describe("local images on the local cluster", function () {
  this.timeout(90_000);
  const host = "api.vapora.example";
  let run: Run;
  let secrets: Server;
  let cluster: Cluster;
  let api: Api;
  let url: string;

  const addressOf = async (name: string): Promise<string> =>
    onMachine((await api.get(`${namespace}/services/${name}`))["spec"].clusterIP as string);

  before(async function () {
    this.timeout(1_800_000); // the cluster program is built on first use
    const binary = await ensureCluster(console.log);
    run = await openRun("images-test");
    const imagesDir = join(run.directory, "images");
    await buildImages({ outDir: imagesDir, registry, tag, databaseImage });
    secrets = createServer((_, response) =>
      response.end(JSON.stringify({ SecretString: JSON.stringify({ account: "the-real-key" }) })),
    );
    await new Promise<void>((resolve) => secrets.listen(0, "127.0.0.1", () => resolve()));
    const podEnv = {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(secrets.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: "key",
      AWS_SECRET_ACCESS_KEY: "secret",
    };
    cluster = await startCluster({ run, binary, name: "primary", imagesDir, podEnv });
    api = new Api(cluster);
    await api.create(`${namespace}/services`, service("surrealdb", 8000, 8000));
    await api.create("/apis/apps/v1/namespaces/default/statefulsets", database);
    await api.create("/apis/batch/v1/namespaces/default/jobs", prepare);
    for (const name of ["authentication", "backend-api"]) {
      await api.create(`${namespace}/services`, service(name, 80, 8080));
      await api.create(deployments, vapora(name));
    }
    await api.until(`${deployments}/backend-api`, isReady, 30);
    await api.until(`${deployments}/authentication`, isReady, 30);
    url = `http://${await addressOf("backend-api")}`;
  });
  after(async () => {
    secrets?.close();
    await run?.close();
  });

  it("prepares the database with the jobs image, whose last line is its result", async () => {
    const { items } = await api.get(`${namespace}/pods?labelSelector=app%3Ddatabase-prepare`);
    const log = await api.log(items[0].metadata.name as string);
    const last = JSON.parse(log.trimEnd().split("\n").at(-1) ?? "") as object;
    expect(last).to.include({ job: "prepare-database", outcome: "succeeded", database: "main", ready: true });
  });

  it("stores 10,000 entries in seconds and keeps them when the database's pod is replaced under load", async () => {
    const began = performance.now();
    const seeded = await seed(url, host, 10_000);
    const seconds = (performance.now() - began) / 1000;
    console.log(`      10,000 entries in ${seconds.toFixed(1)} s`);
    const load = startLoad({ url, host, ratePerSecond: 20, requestTimeoutSeconds: 2, firstNumber: seeded.length });
    await api.ask("DELETE", `${namespace}/pods/surrealdb-0`);
    await api.until(`${namespace}/pods/surrealdb-0`, (o) => o["status"].containerStatuses?.[0]?.ready === true, 30);
    const before = load.acknowledged.length;
    for (const end = Date.now() + 20_000; load.acknowledged.length < before + 20 && Date.now() < end;) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await load.stop();
    const { outages, failures, latencyMilliseconds } = load.availability();
    console.log(
      `      outages ${JSON.stringify(outages.map((o) => o.seconds))} s, latency ${JSON.stringify(latencyMilliseconds)}`,
    );
    expect(load.acknowledged.length, JSON.stringify(failures)).to.be.greaterThan(before + 19);
    const acknowledged = [...seeded, ...load.acknowledged];
    const comparison = compareLedger({ acknowledged, entries: await readLedger(url, host) });
    expect(comparison.lostAcknowledged).to.deep.equal([]);
    expect(comparison.duplicates).to.deep.equal([]);
    expect(comparison.outOfOrder).to.deep.equal([]);
    expect(comparison.altered).to.deep.equal([]);
  });

  it("keeps every acknowledged entry when the database's process is killed", async () => {
    const load = startLoad({ url, host, ratePerSecond: 50, requestTimeoutSeconds: 2, firstNumber: 1_000_000 });
    for (const end = Date.now() + 10_000; load.acknowledged.length < 50 && Date.now() < end;) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await api.ask("DELETE", `${namespace}/pods/surrealdb-0?gracePeriodSeconds=0`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await load.stop();
    expect(load.acknowledged.length).to.be.greaterThan(49);
    await eventually(async () => {
      const status = (await (await fetch(`${url}/.well-known/continuity`)).json()) as { ready: boolean };
      return status.ready;
    }, 30);
    const { lostAcknowledged } = compareLedger({
      acknowledged: load.acknowledged,
      entries: await readLedger(url, host),
    });
    expect(lostAcknowledged).to.deep.equal([]);
  });

  it("does not start a service with invalid settings, and reports all problems", async () => {
    const broken = vapora("analytics");
    broken["spec"].template.spec.containers[0].env = env({ SITE: "third", PORT: "http" });
    await api.create(deployments, broken);
    const of = `${namespace}/pods?labelSelector=app%3Danalytics`;
    const { items } = await api.until(of, (o) => o["items"][0]?.status.containerStatuses?.[0]?.lastState?.terminated);
    expect(items[0].status.containerStatuses[0].lastState.terminated.exitCode).to.equal(2);
    const log = await api.log(items[0].metadata.name as string, "previous=true");
    expect(log).to.include("SITE is third").and.include("PORT is http").and.include("DATABASE_URL is missing");
  });
});
