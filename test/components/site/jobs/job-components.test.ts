/** What the job components have in common: identity, command, secrets, resources, order and restarts. */
import { expect } from "chai";
import { Provider as KubernetesProvider } from "@pulumi/kubernetes/provider.js";
import {
  ExportJob,
  RecoveryPointWatch,
  RestoreVerifyJob,
  StandbySync,
  TrafficWatch,
  WriterGuard,
} from "../../../../components/site/jobs/index.ts";
import type { Resources } from "../../../../components/kit/kubernetes/index.ts";
import { facts, plan, regional } from "../../../support/fixtures.ts";
import { at, made, only, settled, startMocks, type Made } from "../../../support/pulumi-mocks.ts";
import { containerOf, podOf } from "./support.ts";

interface Settings {
  resources?: Resources;
  scratchResources?: Resources;
  scratchStorage?: string;
}

/** All jobs of one site, after something that exists already. */
async function build(settings: Settings = {}): Promise<Made> {
  await startMocks();
  const providers = [regional("aws", "eu-west-1"), new KubernetesProvider("cluster", {})];
  const opts = { providers, dependsOn: [new KubernetesProvider("earlier", {})] };
  const args = { facts: facts(), image: "registry/jobs:1", alarmTopic: "arn:topic", ...settings };
  const { backups } = plan;
  const { scratchStorage = "50Gi" } = settings;
  new ExportJob("primary", { ...args, backups }, opts);
  new RestoreVerifyJob(
    "primary",
    { ...args, schedule: backups.restoreTest, databaseImage: "database:3", scratchStorage },
    opts,
  );
  new StandbySync(
    "primary",
    {
      ...args,
      pollInterval: backups.standbySync.pollInterval,
      replicationBound: backups.replicationBound,
      promoteLimitSeconds: 1000,
      sequenceNumbersPerSecond: 50,
      longestLossSeconds: 4000,
      acceptedLossSeconds: 3600,
    },
    opts,
  );
  new WriterGuard("primary", args, opts);
  new TrafficWatch("primary", args, opts);
  const limits = { rpoSeconds: 3600, expectedAgeSeconds: 1900, importSeconds: 305 };
  new RecoveryPointWatch("primary", { ...args, ...limits, backups }, opts);
  await settled();
  return only("pulumi:providers:kubernetes", "earlier");
}

const workload = (name: string): Made => {
  const found = made.filter((one) => /:(CronJob|Deployment)$/.test(one.type) && one.name === name);
  expect(found, name).to.have.length(1);
  return found[0]!;
};
const sidecar = () => (podOf(workload("restore-verify"))["initContainers"] as Record<string, unknown>[])[0]!;
const resourcesOf = (name: string) => (containerOf(workload(name)) as unknown as Record<string, unknown>)["resources"];
const reserved = (cpu: string, memory: string) => ({ requests: { cpu, memory }, limits: { memory } });

describe("continuity jobs", () => {
  let earlier: Made;
  before(async () => (earlier = await build()));

  const jobs: [name: string, account: string, command: string, restarts: string, cpu: string, memory: string][] = [
    ["export", "continuity-export", "export", "Never", "250m", "512Mi"],
    ["export-changes", "continuity-export", "export --changes", "Never", "250m", "512Mi"],
    ["restore-verify", "continuity-restore-verify", "restore-verify", "Never", "250m", "512Mi"],
    ["standby-sync", "continuity-standby-sync", "standby-sync", "Always", "250m", "512Mi"],
    ["standby-promote", "continuity-promote", "standby-sync --once --promote", "Never", "250m", "512Mi"],
    ["writer-guard", "continuity-guard", "writer-guard", "Always", "50m", "192Mi"],
    ["traffic-watch", "continuity-switch", "traffic-watch", "Always", "50m", "128Mi"],
    ["recovery-point-watch", "continuity-watch", "recovery-point-watch", "Always", "50m", "128Mi"],
  ];

  for (const [name, account, command, restarts, cpu, memory] of jobs) {
    describe(name, () => {
      it(`runs "${command}" of the jobs' image as ${account}`, () => {
        expect(containerOf(workload(name)).args.join(" ")).to.equal(command);
        expect(containerOf(workload(name)).image).to.equal("registry/jobs:1");
        expect(podOf(workload(name))["serviceAccountName"]).to.equal(account);
      });

      it(`restarts ${restarts.toLowerCase()}`, () => {
        expect(podOf(workload(name))["restartPolicy"]).to.equal(restarts);
      });

      it(`reserves ${cpu} CPU and ${memory} memory`, () => {
        expect(resourcesOf(name)).to.deep.equal(reserved(cpu, memory));
      });

      it("waits for what its component waits for, in the component's cluster", () => {
        expect(workload(name).dependencies).to.deep.equal([earlier.urn]);
        expect(workload(name).provider).to.equal("cluster");
      });
    });
  }

  for (const name of ["export", "export-changes", "standby-sync", "standby-promote", "writer-guard"]) {
    it(`${name} signs in to the site's database as root, by reference to a secret`, () => {
      const secret = (key: string) => ({ secretKeyRef: { name: "surrealdb-root", key } });
      const { env } = containerOf(workload(name));
      expect(env).to.deep.include({ name: "DATABASE_URL", value: "http://surrealdb:8000" });
      expect(env).to.deep.include({ name: "DATABASE_NAMESPACE", value: "vapora" });
      expect(env).to.deep.include({ name: "DATABASE_USERNAME", valueFrom: secret("username") });
      expect(env).to.deep.include({ name: "DATABASE_PASSWORD", valueFrom: secret("password") });
    });
  }

  it("gives the watch no access to the database", () => {
    const names = containerOf(workload("recovery-point-watch")).env.map(({ name }) => name);
    expect(names.filter((name) => name.startsWith("DATABASE_"))).to.be.empty;
  });

  for (const name of ["export", "export-changes", "restore-verify", "standby-promote"]) {
    it(`${name} gets its planned minute from the Job's name and its address from the pod`, () => {
      const { env } = containerOf(workload(name));
      const field = (fieldPath: string) => ({ fieldRef: { fieldPath } });
      const jobName = "metadata.labels['batch.kubernetes.io/job-name']";
      expect(env).to.deep.include({ name: "JOB_NAME", valueFrom: field(jobName) });
      expect(env).to.deep.include({ name: "POD_IP", valueFrom: field("status.podIP") });
    });
  }

  it("sets no variable twice", () => {
    for (const [name] of jobs) {
      const names = containerOf(workload(name)).env.map((entry) => entry.name);
      expect(names, name).to.have.length(new Set(names).size);
    }
  });

  for (const name of ["export", "export-changes", "restore-verify", "standby-promote"]) {
    it(`${name} keeps three successful and three failed runs to look at`, () => {
      expect(at(workload(name), "spec.successfulJobsHistoryLimit")).to.equal(3);
      expect(at(workload(name), "spec.failedJobsHistoryLimit")).to.equal(3);
    });

    it(`${name} labels the Job as it labels its pods`, () => {
      const labels = at(workload(name), "spec.jobTemplate.metadata.labels");
      expect(labels).to.deep.equal(at(workload(name), "spec.jobTemplate.spec.template.metadata.labels"));
      expect(labels).to.include({ "app.kubernetes.io/name": name });
    });
  }

  for (const name of ["standby-sync", "writer-guard", "traffic-watch", "recovery-point-watch"]) {
    it(`${name} replaces its only pod instead of running two, and selects that pod`, () => {
      expect(at(workload(name), "spec.strategy")).to.deep.equal({ type: "Recreate" });
      const selector = at(workload(name), "spec.selector.matchLabels");
      expect(selector).to.deep.equal({ "app.kubernetes.io/name": name });
      expect(at(workload(name), "spec.template.metadata.labels")).to.include(selector);
    });
  }

  it("lets the last catch-up start at any moment of its time limit", () => {
    expect(at(workload("standby-promote"), "spec.startingDeadlineSeconds")).to.equal(1000);
  });

  it("restores into a scratch database of its own size, user and version", () => {
    expect(sidecar()).to.include({ image: "database:3" });
    expect(sidecar()["resources"]).to.deep.equal(reserved("1", "2Gi"));
    expect(sidecar()["args"]).to.include("rocksdb:/data/scratch.db");
    const root = (key: string) => ({ secretKeyRef: { name: "surrealdb-root", key } });
    const { env } = containerOf(workload("restore-verify"));
    expect(env).to.deep.include({ name: "DATABASE_USERNAME", valueFrom: root("username") });
    expect(env).to.deep.include({ name: "DATABASE_PASSWORD", valueFrom: root("password") });
    expect(env).to.deep.include({ name: "DATABASE_NAMESPACE", value: "vapora" });
  });

  it("evaluates a restore test once a minute, since it publishes one value at its end", () => {
    const alarm = only("aws:cloudwatch/metricAlarm:MetricAlarm", "primary-restore-failed");
    expect(alarm.inputs["period"]).to.equal(60);
  });
});

describe("continuity jobs with other resources", () => {
  before(async () => {
    await build({
      resources: { cpu: "3", memory: "3Gi" },
      scratchResources: { cpu: "4", memory: "4Gi" },
      scratchStorage: "90Gi",
    });
  });

  it("give them to every job", () => {
    const pods = made.filter(({ type }) => /:(CronJob|Deployment)$/.test(type));
    expect(pods).to.have.length(8);
    for (const { name } of pods) expect(resourcesOf(name), name).to.deep.equal(reserved("3", "3Gi"));
  });

  it("size the scratch database apart from the job", () => {
    expect(sidecar()["resources"]).to.deep.equal(reserved("4", "4Gi"));
    expect(JSON.stringify(podOf(workload("restore-verify"))["volumes"])).to.contain('"storage":"90Gi"');
  });
});
