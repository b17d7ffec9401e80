import { expect } from "chai";
import { entryServiceOf, tierOfTheData } from "../../plan/index.ts";
import { examplePlan } from "../support/example-plan.ts";

const { tiers } = examplePlan();
const without = (change: { takesTraffic?: false; holdsData?: false }) => ({
  tiers: tiers.map((tier) => ({ ...tier, services: tier.services.map((service) => ({ ...service, ...change })) })),
});

describe("services of a plan", () => {
  it("name the one that takes a site's traffic, by what the plan says and not by its name", () => {
    expect(entryServiceOf({ tiers }).takesTraffic).to.equal(true);
    const renamed = tiers.map((tier) => ({
      ...tier,
      services: tier.services.map((service) => ({ ...service, id: `x-${service.id}` })),
    }));
    expect(entryServiceOf({ tiers: renamed }).id).to.equal(`x-${entryServiceOf({ tiers }).id}`);
  });

  it("are no plan for a site that nothing enters", () => {
    expect(() => entryServiceOf(without({ takesTraffic: false }))).to.throw(RangeError);
  });

  it("name the tier that holds the data; a plan that was not checked may have none", () => {
    expect(tierOfTheData({ tiers })?.services.some(({ holdsData }) => holdsData)).to.equal(true);
    expect(tierOfTheData(without({ holdsData: false }))).to.equal(undefined);
  });
});
