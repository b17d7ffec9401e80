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
  [
    "a full export may not be late at all",
    (p) => (p.backups.fullExport.startDeadline = "PT9S"),
    "backups.fullExport.startDeadline",
  ],
  [
    "a change export may not be late at all",
    (p) => (p.backups.changeExport.startDeadline = "PT9S"),
    "backups.changeExport.startDeadline",
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

  const limits: [what: string, edit: Edit, path: string][] = [
    [
      "a start that is ten seconds late",
      (p) => (p.backups.restoreTest.startDeadline = "PT10S"),
      "backups.restoreTest.startDeadline",
    ],
    [
      "the longer interval of Route 53",
      (p) => (p.traffic.healthCheck.interval = "PT30S"),
      "traffic.healthCheck.interval",
    ],
    [
      "as many failures as Route 53 counts",
      (p) => (p.traffic.healthCheck.failureThreshold = 10),
      "traffic.healthCheck.failureThreshold",
    ],
    ["the database under its own name", (p) => (p.tiers[0].services[1].id = "surrealdb"), "tiers[0].services[1].id"],
  ];
  for (const [what, edit, path] of limits) {
    it(`is not one with ${what}`, () => {
      expect(problemsAfter(edit).map((problem) => problem.where)).not.to.include(path);
    });
  }

  it("is told apart from one that only forgot to mark its database", () => {
    const remedies = (id: string) =>
      problemsAfter((p) => (p.tiers[2].services[0].id = id))
        .filter(({ where }) => where === "tiers[2].services[0].id")
        .map(({ remedy }) => remedy);
    expect(remedies("surrealdb")).to.include("rename it, or set holdsData if it is the database");
    expect(remedies("export")).to.include("rename it");
  });

  it("is still a valid plan by the plan's own rules", () => {
    const text = planText.replaceAll(/\banalytics\b/g, "export");
    expect(problemsOf(text).map((problem) => problem.where)).to.deep.equal(["tiers[2].services[0].id"]);
    expect(parsePlan(text, "test").tiers[2]?.services[0]?.id).to.equal("export");
  });
});
