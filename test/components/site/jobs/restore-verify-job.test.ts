import { expect } from "chai";
import { RestoreVerifyJob } from "../../../../components/site/jobs/index.ts";
import type { Role, SiteName } from "../../../../contract/index.ts";
import { facts, plan, refusal, regional } from "../../../support/fixtures.ts";
import { at, only, settled, startMocks } from "../../../support/pulumi-mocks.ts";
import { containerOf, plainEnv, podOf, settingsOf } from "./support.ts";

const build = (
  site: SiteName,
  role: Role,
  schedule = plan.backups.restoreTest,
  scratchStorageClassName?: string,
): RestoreVerifyJob =>
  new RestoreVerifyJob(
    site,
    {
      facts: facts(site, role),
      schedule,
      image: "registry/jobs:1",
      databaseImage: "surrealdb/surrealdb:v3.0.3",
      scratchStorage: "50Gi",
      scratchStorageClassName,
      alarmTopic: "arn:topic",
    },
    { providers: [regional(site, regionOf[site])] },
  );

const cronJob = () => only("kubernetes:batch/v1:CronJob", "restore-verify");

const bucketOf = { primary: "shop-recovery-points-eu-west-1", alternate: "shop-recovery-points-eu-central-1" };
const regionOf = { primary: "eu-west-1", alternate: "eu-central-1" };

describe("RestoreVerifyJob", () => {
  const reads: [SiteName, Role, SiteName][] = [
    ["primary", "active", "alternate"],
    ["alternate", "standby", "alternate"],
    ["alternate", "active", "primary"],
    ["primary", "standby", "primary"],
  ];

  for (const [site, role, replica] of reads) {
    it(`reads the replica in the ${replica} region on the ${site} site while it is ${role}`, async () => {
      await startMocks();
      build(site, role);
      await settled();
      expect(plainEnv(cronJob())).to.include({ BUCKET: bucketOf[replica], BUCKET_REGION: regionOf[replica] });
      expect(at(cronJob(), "spec.suspend")).to.equal(false);
    });

    it(`writes evidence in its own region on the ${site} site while it is ${role}`, async () => {
      await startMocks();
      build(site, role);
      await settled();
      const evidence = { EVIDENCE_BUCKET: bucketOf[site], EVIDENCE_BUCKET_REGION: regionOf[site] };
      expect(plainEnv(cronJob())).to.include({ ...evidence, AWS_REGION: regionOf[site] });
    });
  }

  it("is suspended on an isolated site", async () => {
    await startMocks();
    build("primary", "isolated");
    await settled();
    expect(at(cronJob(), "spec.suspend")).to.equal(true);
  });
});

describe("RestoreVerifyJob's run", () => {
  before(async () => {
    await startMocks();
    build("alternate", "standby");
    await settled();
  });

  it("follows the plan's schedule", () => {
    expect(at(cronJob(), "spec.schedule")).to.equal(plan.backups.restoreTest.schedule);
    expect(at(cronJob(), "spec.startingDeadlineSeconds")).to.equal(plan.backups.restoreTest.startDeadline.seconds);
  });

  it("has a scratch database that lives as long as the test", () => {
    const [scratch] = podOf(cronJob())["initContainers"] as Record<string, unknown>[];
    expect(scratch).to.include({
      name: "scratch-database",
      restartPolicy: "Always",
      image: "surrealdb/surrealdb:v3.0.3",
    });
    expect(scratch!["startupProbe"]).to.have.nested.property("httpGet.path", "/health");
    const [mount] = scratch!["volumeMounts"] as { name: string }[];
    expect(mount!.name).to.equal("scratch");
  });

  const claim = (storageClassName?: string) => ({
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: "50Gi" } },
    ...(storageClassName === undefined ? {} : { storageClassName }),
  });
  for (const [what, storageClassName, volume] of [
    ["a claim of its own of the default class", undefined, { ephemeral: { volumeClaimTemplate: { spec: claim() } } }],
    ["a claim of the database's class", "fast", { ephemeral: { volumeClaimTemplate: { spec: claim("fast") } } }],
    ["the node's disk where volumes are made by hand", "", { emptyDir: { sizeLimit: "50Gi" } }],
  ] as const) {
    it(`restores into ${what}, as large as the database's volume`, async () => {
      await startMocks();
      build("alternate", "standby", plan.backups.restoreTest, storageClassName);
      await settled();
      const volumes = podOf(cronJob())["volumes"] as { name: string }[];
      expect(volumes.find(({ name }) => name === "scratch")).to.deep.equal({ name: "scratch", ...volume });
    });
  }

  it("never accesses the site's own database", () => {
    expect(containerOf(cronJob()).env.map(({ name }) => name)).not.to.include("DATABASE_URL");
  });

  it("gets valid settings", () => {
    const settings = settingsOf("restore-verify", cronJob());
    expect(settings.RESTORE_TIMEOUT_SECONDS).to.be.lessThan(plan.backups.restoreTest.runTimeLimit.seconds);
    expect(settings.ACCESS_KEYS_SECRET_ID).to.equal("shop/database-access-keys");
  });
});

describe("RestoreVerifyJob's alarm", () => {
  const alarm = () => only("aws:cloudwatch/metricAlarm:MetricAlarm", "alternate-restore-failed");

  it("is raised by any difference, and stays until a later test succeeds", async () => {
    await startMocks();
    build("alternate", "standby");
    await settled();
    expect(alarm().inputs).to.include({
      namespace: "VaporaContinuity",
      metricName: "RestoreVerified",
      statistic: "Minimum",
      comparisonOperator: "LessThanThreshold",
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: "ignore",
    });
    expect(alarm().inputs["dimensions"]).to.deep.equal({ Application: "shop" });
    expect(alarm().inputs["alarmActions"]).to.deep.equal(["arn:topic"]);
    expect(alarm().provider).to.equal("alternate");
  });

  it("never changes with the role, so that a failover calls no AWS control plane", async () => {
    const seen = new Set<string>();
    for (const role of ["active", "standby", "isolated"] as const) {
      await startMocks();
      build("alternate", role);
      await settled();
      seen.add(JSON.stringify(alarm().inputs));
    }
    expect(seen).to.have.property("size", 1);
  });
});

describe("RestoreVerifyJob, refused", () => {
  it("a start deadline that Kubernetes would always miss", async () => {
    await startMocks();
    const schedule = { ...plan.backups.restoreTest, startDeadline: { iso: "PT1S", seconds: 1 } };
    expect(refusal(() => build("primary", "active", schedule))).to.contain("schedule.startDeadline");
  });
});
