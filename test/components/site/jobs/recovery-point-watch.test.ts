import { expect } from "chai";
import { RecoveryPointWatch, type RecoveryPointWatchArgs } from "../../../../components/site/jobs/index.ts";
import type { Role } from "../../../../contract/index.ts";
import { facts, plan, refusal, regional } from "../../../support/fixtures.ts";
import { at, ofType, only, settled, startMocks } from "../../../support/pulumi-mocks.ts";
import { settingsOf } from "./support.ts";

const build = (role: Role, changes: Partial<RecoveryPointWatchArgs> = {}): RecoveryPointWatch =>
  new RecoveryPointWatch(
    "alternate",
    {
      facts: facts("alternate", role),
      rpoSeconds: 3600,
      expectedAgeSeconds: 1900,
      backups: plan.backups,
      importSeconds: 305,
      image: "registry/jobs:1",
      alarmTopic: "arn:topic",
      ...changes,
    },
    { providers: [regional("alternate", "eu-central-1")] },
  );

const alarm = (name = "alternate-age") => only("aws:cloudwatch/metricAlarm:MetricAlarm", name);
const watch = () => only("kubernetes:apps/v1:Deployment", "recovery-point-watch");

describe("RecoveryPointWatch", () => {
  before(async () => {
    await startMocks();
    build("standby");
    await settled();
  });

  it("raises an alarm beyond the RPO, and if the age is unknown", () => {
    expect(alarm().inputs).to.include({
      namespace: "VaporaContinuity",
      metricName: "VerifiedRecoveryPointAgeSeconds",
      statistic: "Maximum",
      comparisonOperator: "GreaterThanThreshold",
      threshold: 3600,
      evaluationPeriods: 2,
      treatMissingData: "breaching",
    });
    expect(alarm().inputs["dimensions"]).to.deep.equal({ Application: "shop" });
  });

  it("warns earlier, as soon as no schedule explains the age", () => {
    expect(alarm("alternate-age-late").inputs).to.include({ threshold: 1900, treatMissingData: "ignore" });
  });

  it("notifies its region's topic, from its region", () => {
    expect(alarm().provider).to.equal("alternate");
    expect(alarm().inputs["alarmActions"]).to.deep.equal(["arn:topic"]);
  });

  it("publishes at the plan's interval, with valid settings", () => {
    const settings = settingsOf("recovery-point-watch", watch());
    expect(settings.WATCH_INTERVAL_SECONDS).to.equal(plan.backups.watch.interval.seconds);
    expect(settings).to.include({ EVIDENCE_BUCKET: "shop-recovery-points-eu-central-1", APPLICATION: "shop" });
  });

  it("derives overdue limits from the plan's schedules and limits only", () => {
    expect(settingsOf("recovery-point-watch", watch())).to.include({
      FULL_EXPORT_INTERVAL_SECONDS: 3600,
      FULL_EXPORT_RUN_SECONDS: 25 * 60,
      CHANGE_EXPORT_INTERVAL_SECONDS: 600,
      CHANGE_EXPORT_RUN_SECONDS: 6 * 60,
      REPLICATION_SECONDS: 15 * 60,
      STANDBY_IMPORT_SECONDS: 305,
      RESTORE_TEST_INTERVAL_SECONDS: 31 * 86_400,
      RESTORE_TEST_RUN_SECONDS: 5 * 3600,
    });
  });

  it("raises an alarm for a job that missed its run, and if that is unknown", () => {
    expect(alarm("alternate-overdue").inputs).to.include({
      namespace: "VaporaContinuity",
      metricName: "OverdueJobs",
      statistic: "Maximum",
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0,
      evaluationPeriods: 2,
      treatMissingData: "breaching",
    });
    expect(alarm("alternate-overdue").inputs["alarmActions"]).to.deep.equal(["arn:topic"]);
    expect(alarm("alternate-overdue").inputs["okActions"]).to.deep.equal(["arn:topic"]);
  });

  it("publishes at least once per alarm period", () => {
    expect(alarm().inputs["period"]).to.satisfy(
      (period: number) => period % 60 === 0 && period >= plan.backups.watch.interval.seconds,
    );
  });
});

describe("RecoveryPointWatch on different roles", () => {
  it("runs on every site, even an isolated one, where silence would raise its alarms; they never change", async () => {
    const seen: [Role, unknown, string][] = [];
    for (const role of ["active", "standby", "isolated"] as const) {
      await startMocks();
      build(role);
      await settled();
      const alarms = ofType("aws:cloudwatch/metricAlarm:MetricAlarm").map(({ inputs }) => inputs);
      seen.push([role, at(watch(), "spec.replicas"), JSON.stringify(alarms)]);
    }
    expect(seen.map(([, replicas]) => replicas)).to.deep.equal([1, 1, 1]);
    expect(new Set(seen.map(([, , alarms]) => alarms))).to.have.property("size", 1);
  });
});

describe("RecoveryPointWatch, refused", () => {
  const cases: [string, Partial<RecoveryPointWatchArgs>, string][] = [
    ["a negative expected age", { expectedAgeSeconds: -1 }, "expectedAgeSeconds is -1"],
    ["an unknown objective", { rpoSeconds: Number.NaN }, "rpoSeconds is NaN"],
    ["no objective", { rpoSeconds: 0 }, "rpoSeconds is 0"],
    ["an expected age beyond the objective", { expectedAgeSeconds: 3601 }, "expectedAgeSeconds is 3601"],
    ["an unknown expected age", { expectedAgeSeconds: Number.NaN }, "expectedAgeSeconds is NaN"],
    [
      "a watch slower than the objective",
      { backups: { ...plan.backups, watch: { interval: { iso: "PT1H", seconds: 3600 } } } },
      'backups.watch.interval is "PT1H"',
    ],
    ["no time for an import", { importSeconds: 0 }, "importSeconds is 0"],
    ["an unknown time of an import", { importSeconds: Number.NaN }, "importSeconds is NaN"],
    [
      "a schedule that is never due",
      { backups: { ...plan.backups, restoreTest: { ...plan.backups.restoreTest, schedule: "monthly" } } },
      'backups.restoreTest is "monthly"',
    ],
  ];

  for (const [what, changes, message] of cases) {
    it(what, async () => {
      await startMocks();
      expect(refusal(() => build("standby", changes))).to.contain(message);
    });
  }
});

describe("RecoveryPointWatch at the edges of its rules", () => {
  const every = (seconds: number) => ({
    ...plan.backups,
    watch: { interval: { iso: `PT${seconds}S`, seconds } },
  });
  beforeEach(() => startMocks());

  it("accepts an expected age equal to the objective, and a watch just faster than it", async () => {
    build("standby", { expectedAgeSeconds: 3600, backups: every(3599) });
    await settled();
    expect(alarm("alternate-age-late").inputs["threshold"]).to.equal(3600);
  });

  for (const [interval, period] of [
    [1, 60],
    [60, 60],
    [61, 120],
    [150, 180],
  ] as const) {
    it(`evaluates a watch of every ${interval} s by periods of ${period} s, in each of which it publishes`, async () => {
      build("standby", { backups: every(interval) });
      await settled();
      for (const name of ["alternate-age", "alternate-age-late", "alternate-overdue"]) {
        expect(alarm(name).inputs["period"], name).to.equal(period);
      }
    });
  }

  it("reports all that is wrong at once and creates nothing", async () => {
    const message = refusal(() => build("standby", { rpoSeconds: 0, expectedAgeSeconds: 0, importSeconds: 0 }));
    expect(message).to.contain("4 problem(s)");
    await settled();
    expect(ofType("aws:cloudwatch/metricAlarm:MetricAlarm")).to.be.empty;
    expect(ofType("kubernetes:apps/v1:Deployment")).to.be.empty;
  });
});
