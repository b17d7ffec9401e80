import { expect } from "chai";
import { expectedAgeSeconds, longestLossSeconds, promoteLimitSeconds } from "../../../components/site/plan-limits.ts";
import { planRecoveryTimes, strictestRpoSeconds } from "../../../plan/index.ts";
import { plan } from "../../support/fixtures.ts";

describe("limits of a site's jobs", () => {
  it("give the last catch-up what the recovery time leaves", () => {
    const [first] = planRecoveryTimes(plan);
    const others = first!.seconds - (first!.parts.restoreSeconds ?? 0);
    expect(promoteLimitSeconds(plan) + others).to.equal(first!.rtoSeconds);
    expect(promoteLimitSeconds(plan)).to.be.greaterThan(first!.parts.restoreSeconds ?? 0);
  });

  it("leave nothing if no tier holds data", () => {
    const tiers = plan.tiers.map((tier) => ({
      ...tier,
      services: tier.services.map((service) => ({ ...service, holdsData: false })),
    }));
    expect(promoteLimitSeconds({ ...plan, tiers })).to.equal(0);
  });

  it("expect an age within the RPO, never beyond it", () => {
    expect(expectedAgeSeconds(plan)).to.be.within(1, strictestRpoSeconds(plan) - 1);
    const slow = { ...plan.backups, replicationBound: { iso: "P1D", seconds: 86_400 } };
    expect(expectedAgeSeconds({ ...plan, backups: slow })).to.equal(strictestRpoSeconds(plan));
  });

  it("have sequences skip everything that may be written from one full export until the next one's arrival", () => {
    const { fullExport, replicationBound } = plan.backups;
    const run = fullExport.startDeadline.seconds + fullExport.runTimeLimit.seconds;
    expect(longestLossSeconds(plan)).to.equal(3600 + run + replicationBound.seconds);
  });
});
