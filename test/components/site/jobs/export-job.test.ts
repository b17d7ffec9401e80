import { expect } from "chai";
import { ExportJob, type ExportJobArgs } from "../../../../components/site/jobs/index.ts";
import type { Role, SiteName } from "../../../../contract/index.ts";
import { facts, plan, refusal } from "../../../support/fixtures.ts";
import { at, made, only, settled, startMocks } from "../../../support/pulumi-mocks.ts";
import { containerOf, podOf, settingsOf } from "./support.ts";

const build = (site: SiteName = "primary", role: Role = "active", changes: Partial<ExportJobArgs> = {}): ExportJob =>
  new ExportJob("primary", { facts: facts(site, role), backups: plan.backups, image: "registry/jobs:1", ...changes });

const cronJob = (name: string) => only("kubernetes:batch/v1:CronJob", name);

describe("ExportJob", () => {
  before(async () => {
    await startMocks();
    build();
    await settled();
  });

  const kinds = [
    ["export", plan.backups.fullExport, ["export"]],
    ["export-changes", plan.backups.changeExport, ["export", "--changes"]],
  ] as const;

  for (const [name, schedule, command] of kinds) {
    describe(`CronJob ${name}`, () => {
      it("runs on the plan's schedule, in the plan's time zone", () => {
        expect(at(cronJob(name), "spec.schedule")).to.equal(schedule.schedule);
        expect(at(cronJob(name), "spec.timeZone")).to.equal(schedule.timeZone);
      });

      it("has the plan's start deadline and run time limit", () => {
        expect(at(cronJob(name), "spec.startingDeadlineSeconds")).to.equal(schedule.startDeadline.seconds);
        expect(at(cronJob(name), "spec.jobTemplate.spec.activeDeadlineSeconds"))
          .to //
          .equal(schedule.runTimeLimit.seconds);
      });

      it("never runs concurrently and retries within its time limit", () => {
        expect(at(cronJob(name), "spec.concurrencyPolicy")).to.equal("Forbid");
        expect(at(cronJob(name), "spec.jobTemplate.spec.backoffLimit")).to.equal(2);
        expect(podOf(cronJob(name))["restartPolicy"]).to.equal("Never");
      });

      it("fails immediately on invalid settings and does not count evictions", () => {
        expect(at(cronJob(name), "spec.jobTemplate.spec.podFailurePolicy.rules")).to.deep.equal([
          { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
          { action: "FailJob", onExitCodes: { containerName: "job", operator: "In", values: [2] } },
        ]);
      });

      it("keeps its logs for a day and prevents node disruption", () => {
        expect(at(cronJob(name), "spec.jobTemplate.spec.ttlSecondsAfterFinished")).to.equal(86_400);
        expect(at(cronJob(name), "spec.jobTemplate.spec.template.metadata.annotations"))
          .to //
          .include({ "karpenter.sh/do-not-disrupt": "true" });
      });

      it("calls the job's subcommand", () => {
        expect(containerOf(cronJob(name)).args).to.deep.equal(command);
      });

      it("provides valid settings from the plan", () => {
        const settings = settingsOf(name, cronJob(name));
        expect(settings).to.include({
          SITE: "primary",
          SITE_ROLE: "active",
          BUCKET: "shop-recovery-points-eu-west-1",
          BUCKET_REGION: "eu-west-1",
          AWS_REGION: "eu-west-1",
          APPLICATION: "shop",
          ACCESS_KEYS_SECRET_ID: "shop/database-access-keys",
          RETENTION_DAYS: plan.backups.retention.seconds / 86_400,
          MINIMUM_ROWS_RATIO: plan.backups.countFloorRatio,
          SUSPICIOUS_SHRINK_RATIO: plan.backups.suspiciousShrink.ratio,
          SUSPICIOUS_SHRINK_ROWS: plan.backups.suspiciousShrink.minimumRows,
          SUSPICIOUS_SHRINK_WITHIN_SECONDS: plan.backups.suspiciousShrink.within.seconds,
          SCHEDULED_WITHIN_SECONDS: schedule.startDeadline.seconds + schedule.runTimeLimit.seconds,
        });
        const lastWordsSeconds = schedule.runTimeLimit.seconds - settings.EXPORT_TIMEOUT_SECONDS;
        expect(lastWordsSeconds).to.be.at.least(30);
      });

      it("complies with the restricted security level", () => {
        const pod = podOf(cronJob(name));
        expect(pod["securityContext"]).to.deep.include({
          runAsNonRoot: true,
          seccompProfile: { type: "RuntimeDefault" },
        });
        expect(containerOf(cronJob(name))).to.have.deep.property("securityContext", {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        });
      });
    });
  }
});

describe("ExportJob on different roles", () => {
  for (const [role, suspended] of [
    ["active", false],
    ["standby", true],
    ["isolated", true],
  ] as const) {
    it(`is ${suspended ? "suspended" : "running"} on a site that is ${role}`, async () => {
      await startMocks();
      build("alternate", role);
      await settled();
      for (const name of ["export", "export-changes"]) {
        expect(at(cronJob(name), "spec.suspend"), name).to.equal(suspended);
      }
    });
  }

  it("writes into its own region's bucket at the alternate site", async () => {
    await startMocks();
    build("alternate", "active");
    await settled();
    expect(settingsOf("export", cronJob("export"))).to.include({
      BUCKET: "shop-recovery-points-eu-central-1",
      BUCKET_REGION: "eu-central-1",
    });
  });
});

describe("ExportJob's retention", () => {
  for (const [seconds, days] of [
    [86_400, 1],
    [86_401, 2],
    [35 * 86_400, 35],
  ] as const) {
    it(`of ${seconds} s is ${days} whole days, never less than the plan promises`, async () => {
      await startMocks();
      build("primary", "active", { backups: { ...plan.backups, retention: { iso: `PT${seconds}S`, seconds } } });
      await settled();
      for (const name of ["export", "export-changes"] as const) {
        expect(settingsOf(name, cronJob(name)).RETENTION_DAYS, name).to.equal(days);
      }
    });
  }
});

describe("ExportJob under a lock that is shorter than the retention", () => {
  it("expects the lock that the buckets have", async () => {
    await startMocks();
    build("primary", "active", { lockDays: 1 });
    await settled();
    for (const name of ["export", "export-changes"] as const) {
      expect(settingsOf(name, cronJob(name)).RETENTION_DAYS, name).to.equal(1);
    }
  });
});

describe("ExportJob, refused", () => {
  it("reports all invalid schedules at once and creates nothing", async () => {
    await startMocks();
    const short = { iso: "PT5S", seconds: 5 };
    const none = { iso: "PT0S", seconds: 0 };
    const backups = {
      ...plan.backups,
      fullExport: { ...plan.backups.fullExport, startDeadline: short },
      changeExport: { ...plan.backups.changeExport, runTimeLimit: none },
    };
    const message = refusal(() => build("primary", "active", { backups }));
    expect(message).to.contain("backups.fullExport.startDeadline").and.contain("backups.changeExport.runTimeLimit");
    await settled();
    expect(made.map(({ type }) => type)).to.deep.equal(["continuity:jobs:ExportJob"]);
  });
});
