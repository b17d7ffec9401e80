import { expect } from "chai";
import { StandbySync, type StandbySyncArgs } from "../../../../components/site/jobs/index.ts";
import { nextRun } from "../../../../plan/index.ts";
import type { Role } from "../../../../contract/index.ts";
import { facts, plan, refusal } from "../../../support/fixtures.ts";
import { at, made, only, settled, startMocks } from "../../../support/pulumi-mocks.ts";
import { containerOf, podOf, settingsOf } from "./support.ts";

const build = (role: Role, changes: Partial<StandbySyncArgs> = {}): StandbySync =>
  new StandbySync("alternate", {
    facts: facts("alternate", role),
    pollInterval: plan.backups.standbySync.pollInterval,
    replicationBound: plan.backups.replicationBound,
    promoteLimitSeconds: 1000,
    sequenceNumbersPerSecond: 50,
    longestLossSeconds: 4000,
    acceptedLossSeconds: 3600,
    image: "registry/jobs:1",
    ...changes,
  });

const sync = () => only("kubernetes:apps/v1:Deployment", "standby-sync");
const promote = () => only("kubernetes:batch/v1:CronJob", "standby-promote");

describe("StandbySync", () => {
  for (const [role, replicas] of [
    ["standby", 1],
    ["active", 0],
    ["isolated", 0],
  ] as const) {
    it(`has ${replicas} pods on a site that is ${role}, and a suspended template`, async () => {
      await startMocks();
      build(role);
      await settled();
      expect(at(sync(), "spec.replicas")).to.equal(replicas);
      expect(at(promote(), "spec.suspend")).to.equal(true);
    });
  }
});

describe("StandbySync's pods", () => {
  before(async () => {
    await startMocks();
    build("standby");
    await settled();
  });

  it("never run concurrently", () => {
    expect(at(sync(), "spec.strategy")).to.deep.equal({ type: "Recreate" });
    expect(at(promote(), "spec.concurrencyPolicy")).to.equal("Forbid");
  });

  it("read the replicas in their own region", () => {
    const store = { BUCKET: "shop-recovery-points-eu-central-1", BUCKET_REGION: "eu-central-1" };
    expect(settingsOf("standby-sync", sync())).to.include(store);
    expect(settingsOf("standby-sync", promote())).to.include(store);
  });

  it("advance sequences by the plan's rate over the worst-case loss", () => {
    const reserve = { SEQUENCE_NUMBERS_PER_SECOND: 50, SEQUENCE_WINDOW_SECONDS: 4000 };
    expect(settingsOf("standby-sync", sync())).to.include(reserve);
    expect(settingsOf("standby-sync", promote())).to.include(reserve);
  });

  it("wait for replication for the plan's bound", () => {
    const bound = { REPLICATION_BOUND_SECONDS: plan.backups.replicationBound.seconds };
    expect(settingsOf("standby-sync", sync())).to.include(bound);
    expect(settingsOf("standby-sync", promote())).to.include(bound);
  });

  it("poll at the plan's interval", () => {
    expect(settingsOf("standby-sync", sync()).STANDBY_POLL_SECONDS)
      .to //
      .equal(plan.backups.standbySync.pollInterval.seconds);
  });

  it("catch up once more, within the limit, when failover runs the template", () => {
    expect(containerOf(promote()).args).to.deep.equal(["standby-sync", "--once", "--promote"]);
    expect(settingsOf("standby-sync", promote()).PROMOTE_TIMEOUT_SECONDS).to.be.within(1, 999);
    expect(at(promote(), "spec.jobTemplate.spec.activeDeadlineSeconds")).to.equal(1000);
    expect(podOf(promote())["restartPolicy"]).to.equal("Never");
  });

  it("may lose the accepted loss and no more, unless failover overrides it", () => {
    expect(settingsOf("standby-sync", promote()).ACCEPTED_LOSS_SECONDS).to.equal(3600);
  });

  it("would not start automatically even if the template were resumed", () => {
    const schedule = String(at(promote(), "spec.schedule"));
    expect(nextRun({ schedule, timeZone: "Etc/UTC" }, new Date())).to.equal(undefined);
  });
});

describe("StandbySync, refused", () => {
  for (const argument of ["sequenceNumbersPerSecond", "longestLossSeconds"]) {
    for (const value of [0, Number.NaN, Number.POSITIVE_INFINITY]) {
      it(`${argument} of ${value}`, async () => {
        await startMocks();
        expect(refusal(() => build("standby", { [argument]: value }))).to.contain(`${argument} is`);
      });
    }
  }

  for (const promoteLimitSeconds of [0, -5, 9, 10.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    it(`${promoteLimitSeconds} s for the last catch-up`, async () => {
      await startMocks();
      expect(refusal(() => build("standby", { promoteLimitSeconds }))).to.contain("promoteLimitSeconds is");
    });
  }

  for (const acceptedLossSeconds of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    it(`${acceptedLossSeconds} s as accepted loss`, async () => {
      await startMocks();
      expect(refusal(() => build("standby", { acceptedLossSeconds }))).to.contain("acceptedLossSeconds is");
    });
  }
});

describe("StandbySync at the edges of its rules", () => {
  it("accepts the smallest valid figures", async () => {
    await startMocks();
    build("standby", {
      promoteLimitSeconds: 10,
      sequenceNumbersPerSecond: 1,
      longestLossSeconds: 1,
      acceptedLossSeconds: 0.5,
    });
    await settled();
    expect(settingsOf("standby-sync", promote()).PROMOTE_TIMEOUT_SECONDS).to.equal(9);
  });

  it("reports all invalid figures at once and creates nothing", async () => {
    await startMocks();
    const none = { promoteLimitSeconds: 0, sequenceNumbersPerSecond: 0, longestLossSeconds: 0, acceptedLossSeconds: 0 };
    expect(refusal(() => build("standby", none))).to.contain('StandbySync "alternate": 4 problem(s)');
    await settled();
    expect(made.map(({ type }) => type)).to.deep.equal(["continuity:jobs:StandbySync"]);
  });
});
