/** What the platform adds to the rules of a plan. */
import { expect } from "chai";
import { parsePlan } from "../../plan/index.ts";
import { planText, problemsAfter, problemsOf, type Edit } from "../plan/support.ts";
import { examplePlan } from "../support/example-plan.ts";

const breaches: [what: string, edit: Edit, path: string][] = [
  ["a service has the name of a job", (p) => (p.tiers[2].services[0].id = "export"), "tiers[2].services[0].id"],
  [
    "a service has the name of the database's workload",
    (p) => ((p.tiers[0].services[1].id = "database"), (p.tiers[0].services[2].id = "surrealdb")),
    "tiers[0].services[2].id",
  ],
];

describe("a plan that this program cannot deploy", () => {
  it("is not the one of this repository", () => expect(examplePlan().tiers).to.have.length(3));

  for (const [what, edit, path] of breaches) {
    it(`is refused when ${what}`, () => {
      expect(problemsAfter(edit).map((problem) => problem.where)).to.include(path);
    });
  }

  it("is still a plan: the plan's own rules are about promises only", () => {
    const text = planText.replaceAll(/\banalytics\b/g, "export");
    expect(problemsOf(text).map((problem) => problem.where)).to.deep.equal(["tiers[2].services[0].id"]);
    expect(parsePlan(text, "test").tiers[2]?.services[0]?.id).to.equal("export");
  });
});
