import { expect } from "chai";
import { standInsOf } from "../../../drill/images/index.ts";
import { calledBy, serviceNames } from "../../../drill/images/services/names.ts";
import { planWith, type Edit } from "../../plan/support.ts";
import { examplePlan } from "../../support/example-plan.ts";

const standIns = (edit: Edit = () => undefined) => standInsOf(planWith(edit), { registry: "r.example/shop", tag: "7" });
const programs = (edit?: Edit) =>
  Object.fromEntries(standIns(edit).map(({ reference, env }) => [reference, env["STANDS_FOR"]]));

/** Renames a service wherever the plan names it. */
const renamed =
  (from: string, to: string): Edit =>
  (plan) => {
    const text = JSON.stringify(plan).replaceAll(`"${from}"`, `"${to}"`);
    Object.assign(plan, JSON.parse(text));
  };

describe("stand-ins of a plan's services", () => {
  it("are this repository's own programs for its own plan", () => {
    const own = Object.fromEntries(serviceNames.map((name) => [`r.example/shop/${name}:7`, name]));
    expect(programs()).to.deep.equal(own);
  });

  it("take the load under any name", () => {
    const found = programs(renamed("backend-api", "shop"));
    expect(found["r.example/shop/shop:7"]).to.equal("backend-api");
  });

  it("are stubs where the plan lacks a service that the program calls, or the program is unknown", () => {
    const found = programs(renamed("backend-api", "shop"));
    expect(found).to.include({
      "r.example/shop/frontend-ui:7": "stub",
      "r.example/shop/health-monitoring:7": "stub",
      "r.example/shop/analytics:7": "analytics",
    });
    expect(programs(renamed("analytics", "reports"))["r.example/shop/reports:7"]).to.equal("stub");
  });

  it("have the image that the plan names", () => {
    const image = "registry.example.com/web:3";
    expect(programs(({ tiers }) => (tiers[1].services[0].image = image))[image]).to.equal("frontend-ui");
  });

  it("keep the probes that the plan names", () => {
    const traffic = { path: "/up?deep=1", method: "POST", status: 202 };
    const [entry] = standIns(({ tiers }) => (tiers[0].services[0].probes = { alive: "/live", traffic }));
    expect(JSON.parse(entry?.env["PROBES"] ?? "")).to.deep.equal({ alive: "/live", ready: "/readyz", traffic });
  });

  it("open sessions themselves only where no service does", () => {
    for (const { env } of standIns()) expect(env["SIGN_IN"]).to.equal("authentication");
    for (const { env } of standIns(renamed("authentication", "login"))) expect(env["SIGN_IN"]).to.equal("self");
  });
});

describe("this repository's services", () => {
  for (const name of serviceNames) {
    it(`call from ${name} only what the plan says that it needs`, () => {
      const needs = examplePlan()
        .tiers.flatMap(({ services }) => services)
        .find(({ id }) => id === name)?.needs;
      expect(needs).to.include.members([...calledBy[name]]);
    });
  }
});
