import { expect } from "chai";
import { WriterGuard } from "../../../../components/site/jobs/index.ts";
import { writesStopWithinSeconds, type Role } from "../../../../contract/index.ts";
import { facts } from "../../../support/fixtures.ts";
import { at, only, settled, startMocks } from "../../../support/pulumi-mocks.ts";
import { settingsOf } from "./support.ts";

const guard = () => only("kubernetes:apps/v1:Deployment", "writer-guard");

const build = async (role: Role): Promise<void> => {
  await startMocks();
  new WriterGuard("primary", { facts: facts("primary", role), image: "registry/jobs:1" });
  await settled();
};

describe("WriterGuard", () => {
  it("reads the records of both regions, with valid settings", async () => {
    await build("active");
    expect(settingsOf("writer-guard", guard())).to.include({
      SITE: "primary",
      BUCKET: "shop-recovery-points-eu-west-1",
      BUCKET_REGION: "eu-west-1",
      OTHER_BUCKET: "shop-recovery-points-eu-central-1",
      OTHER_BUCKET_REGION: "eu-central-1",
    });
  });

  it("leaves the services enough time to stop", async () => {
    await build("active");
    const settings = settingsOf("writer-guard", guard());
    const { GUARD_INTERVAL_SECONDS, RECORD_TIMEOUT_SECONDS, DATABASE_TIMEOUT_SECONDS } = settings;
    const acts = GUARD_INTERVAL_SECONDS + RECORD_TIMEOUT_SECONDS + DATABASE_TIMEOUT_SECONDS;
    expect(acts).to.be.at.most(writesStopWithinSeconds / 2);
  });

  for (const [role, replicas] of [
    ["active", 1],
    ["standby", 0],
    ["isolated", 0],
  ] as const) {
    it(`has ${replicas} pods on a site that is ${role}`, async () => {
      await build(role);
      expect(at(guard(), "spec.replicas")).to.equal(replicas);
    });
  }
});
