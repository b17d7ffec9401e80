import { expect } from "chai";
import { defaultProbes, kubeletPathsOf, readReadiness, trafficProbeOf } from "../../contract/index.ts";
import { examplePlan } from "../support/example-plan.ts";
import type { Plan } from "../../plan/index.ts";

const probe = defaultProbes.traffic;
const answer = (fields: object, status = 200) => readReadiness(probe, { status, fields: { ...fields } });
const whole = { site: "alternate", role: "active", ready: true, generation: "g2", epoch: 3 };

function planWith(probes: Plan["tiers"][0]["services"][0]["probes"]): Plan {
  const plan = examplePlan();
  const tiers = plan.tiers.map((tier) => ({
    ...tier,
    services: tier.services.map((service) => (service.takesTraffic ? { ...service, probes } : service)),
  }));
  return { ...plan, tiers };
}

describe("the readiness contract", () => {
  it("states site, role, database generation, epoch and readiness", () => {
    expect(answer(whole)).to.deep.equal({
      site: "alternate",
      role: "active",
      generation: "g2",
      epoch: 3,
      serves: true,
    });
  });

  it("needs no more than the site and whether it is ready", () => {
    expect(answer({ site: "primary", ready: true })).to.include({ site: "primary", serves: true });
  });

  for (const [what, fields, status] of [
    ["says so", { ...whole, ready: false }, 200],
    ["states no readiness, as a maintenance page does", { site: "alternate" }, 200],
    ["states its readiness in another type", { ...whole, ready: "true" }, 200],
    ["is a standby, whose pods are ready", { ...whole, role: "standby" }, 200],
    ["is isolated", { ...whole, role: "isolated" }, 200],
    ["returns another status", whole, 503],
  ] as const) {
    it(`counts a site as not serving that ${what}`, () => expect(answer(fields, status).serves).to.equal(false));
  }

  it("takes no site, role, generation or epoch from malformed fields", () => {
    const read = answer({ site: "moon", role: 7, generation: "", epoch: "2", ready: true });
    expect(read).to.deep.equal({
      site: undefined,
      role: undefined,
      generation: undefined,
      epoch: undefined,
      serves: true,
    });
  });

  it("expects the status that the plan names", () => {
    const own = trafficProbeOf(planWith({ traffic: { status: 204, path: "/up" } }));
    expect(own).to.deep.equal({ path: "/up", method: "GET", status: 204, credential: undefined });
    expect(readReadiness(own, { status: 204, fields: whole }).serves).to.equal(true);
    expect(readReadiness(own, { status: 200, fields: whole }).serves).to.equal(false);
  });

  it("has defaults for a plan that describes no probes", () => {
    expect(trafficProbeOf(planWith(undefined))).to.deep.equal({ ...probe, credential: undefined });
    expect(kubeletPathsOf({})).to.deep.equal({ alive: "/healthz", ready: "/readyz" });
    expect(kubeletPathsOf({ probes: { alive: "/live" } })).to.deep.equal({ alive: "/live", ready: "/readyz" });
  });
});
