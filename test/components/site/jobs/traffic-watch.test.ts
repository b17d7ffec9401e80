import { expect } from "chai";
import { TrafficWatch } from "../../../../components/site/jobs/index.ts";
import { platformLimits, type Role, type SiteName } from "../../../../contract/index.ts";
import { facts, plan } from "../../../support/fixtures.ts";
import { at, only, settled, startMocks } from "../../../support/pulumi-mocks.ts";
import { settingsOf } from "./support.ts";

const watch = () => only("kubernetes:apps/v1:Deployment", "traffic-watch");

const build = async (site: SiteName, role: Role): Promise<void> => {
  await startMocks();
  new TrafficWatch(site, { facts: facts(site, role), image: "registry/jobs:1" });
  await settled();
};

describe("TrafficWatch", () => {
  for (const site of ["primary", "alternate"] as const) {
    it(`of the ${site} site uses the switch in the alternate region, with valid settings`, async () => {
      await build(site, "active");
      expect(settingsOf("traffic-watch", watch())).to.include({
        SITE: site,
        SWITCH_ALARM: "shop-alternate-serves-traffic",
        SWITCH_REGION: "eu-central-1",
        APPLICATION: "shop",
        BUCKET: `shop-recovery-points-${site === "primary" ? "eu-west-1" : "eu-central-1"}`,
        OTHER_BUCKET: `shop-recovery-points-${site === "primary" ? "eu-central-1" : "eu-west-1"}`,
      });
    });
  }

  it("publishes at least once in each period of the switch", async () => {
    await build("alternate", "active");
    const { SWITCH_INTERVAL_SECONDS } = settingsOf("traffic-watch", watch());
    expect(SWITCH_INTERVAL_SECONDS).to.be.at.most(plan.traffic.switchEvaluation.seconds);
    expect(SWITCH_INTERVAL_SECONDS).to.be.at.most(platformLimits.route53.alarmPeriodSeconds);
  });

  for (const [role, replicas] of [
    ["active", 1],
    ["standby", 0],
    ["isolated", 0],
  ] as const) {
    it(`has ${replicas} pods on a site that is ${role}`, async () => {
      await build("alternate", role);
      expect(at(watch(), "spec.replicas")).to.equal(replicas);
    });
  }
});
