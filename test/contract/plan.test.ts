/** Additional rules of the platform for a plan. */
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
  [
    "a start may not be late at all",
    (p) => (p.backups.restoreTest.startDeadline = "PT9S"),
    "backups.restoreTest.startDeadline",
  ],
  ["objects are locked for half a day", (p) => (p.backups.retention = "P35DT12H"), "backups.retention"],
  ["more is promised than S3 does", (p) => (p.backups.replicationBound = "PT5M"), "backups.replicationBound"],
  [
    "less is promised than S3 takes as a setting",
    (p) => (p.backups.replicationBound = "PT16M"),
    "backups.replicationBound",
  ],
  [
    "the alarm has a period that Route 53 cannot follow",
    (p) => (p.traffic.switchEvaluation = "PT10S"),
    "traffic.switchEvaluation",
  ],
  [
    "a health check has an interval that Route 53 lacks",
    (p) => (p.traffic.healthCheck.interval = "PT20S"),
    "traffic.healthCheck.interval",
  ],
  [
    "a health check counts too many failures",
    (p) => (p.traffic.healthCheck.failureThreshold = 11),
    "traffic.healthCheck.failureThreshold",
  ],
];

describe("a plan that this program cannot deploy", () => {
  it("is not the one of this repository", () => expect(examplePlan().tiers).to.have.length(3));

  for (const [what, edit, path] of breaches) {
    it(`is rejected if ${what}`, () => {
      expect(problemsAfter(edit).map((problem) => problem.where)).to.include(path);
    });
  }

  it("is still a valid plan by the plan's own rules", () => {
    const text = planText.replaceAll(/\banalytics\b/g, "export");
    expect(problemsOf(text).map((problem) => problem.where)).to.deep.equal(["tiers[2].services[0].id"]);
    expect(parsePlan(text, "test").tiers[2]?.services[0]?.id).to.equal("export");
  });
});
