import { expect } from "chai";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadPlan, parsePlan } from "../../contract/index.ts";
import { PlanError } from "../../plan/index.ts";
import { schemaFile, schemaText } from "../../plan/json-schema.ts";
import { editedText, planText, problemsAfter, problemsOf } from "./support.ts";
import { examplePlan } from "../support/example-plan.ts";

describe("loading a plan", () => {
  it("loads the plan of this repository, whichever folder the process works in", () => {
    const plan = examplePlan();
    expect(plan.recovery.rpo).to.deep.equal({ iso: "PT1H", seconds: 3600 });
    expect(plan.tiers.map(({ tier, rto }) => [tier, rto.seconds])).to.deep.equal([
      [1, 1800],
      [2, 3600],
      [3, 10_800],
    ]);
  });

  it("reports an unreadable file as a problem, not as a crash", () => {
    const absent = fileURLToPath(new URL("no-such-plan.yaml", import.meta.url));
    expect(() => loadPlan(absent)).to.throw(PlanError, /no-such-plan\.yaml: 1 problem\n.*cannot be read/);
  });

  it("reports a misspelt field once, with location and suggestion", () => {
    const problems = problemsOf(planText.replace("replicationBound:", "replicatonBound:"));
    expect(problems).to.have.length(1);
    expect(problems[0]).to.include({
      where: "backups.replicatonBound",
      value: '"PT15M"',
      remedy: "did you mean replicationBound?",
    });
    expect(planText.split("\n")[(problems[0]?.line ?? 0) - 1]).to.contain("replicationBound");
  });

  it("reports an unknown field with the known fields", () => {
    const [problem] = problemsAfter((plan) => (plan.traffic.coffee = 1));
    expect(problem?.where).to.equal("traffic.coffee");
    expect(problem?.remedy).to.contain("dnsTtl, switchEvaluation, healthCheck");
  });

  it("reports a missing field with its description", () => {
    const [problem] = problemsAfter((plan) => delete plan.traffic.dnsTtl);
    expect(problem).to.include({ where: "traffic.dnsTtl", value: "missing", rule: "must be given" });
    expect(problem?.remedy).to.equal("add dnsTtl (How long resolvers cache a DNS answer)");
  });

  it("reports all problems at once, of single values and between sections", () => {
    const problems = problemsAfter((plan) => {
      plan.tiers[0].rto = "P1M";
      plan.traffic.dnsTtl = 60;
      plan.backups.countFloorRatio = 1.5;
      plan.performance[0].unit = "milisekonds";
      plan.performance[1].target = 0;
      plan.tools = [];
      plan.team.minimumPeople = 5;
      plan.contacts[0].phone = "ask Bob";
      plan.contacts[1].handle = "Bob";
      plan.severities[1].usersAffected = { lots: true };
      plan.about.lastUpdated = "2026-02-31";
      plan.about.owner = " ";
      plan.failoverTargets[0].id = "Alternate Region";
      plan.infrastructure.network.redundant = false;
    });
    expect(problems.map(({ where }) => where)).to.have.members([
      "tiers[0].rto",
      "traffic.dnsTtl",
      "backups.countFloorRatio",
      "performance[0].unit",
      "performance[1].target",
      "tools",
      "team.minimumPeople",
      "contacts[0].phone",
      "contacts[1].handle",
      "severities[1].usersAffected",
      "about.lastUpdated",
      "about.owner",
      "failoverTargets[0].id",
      "infrastructure.network.redundant",
    ]);
    for (const { rule, remedy } of problems) expect([rule, remedy]).to.not.include("").and.not.include("correct it");
  });

  it("formats problems with location, value, rule and remedy", () => {
    const edited = editedText((plan) => (plan.tiers[1].standby = "pilotlight"));
    const line = edited.split("\n").findIndex((written) => written.includes("pilotlight")) + 1;
    expect(() => parsePlan(edited, "my plan")).to.throw(
      `my plan: 1 problem\n  line ${line}, tiers[1].standby is "pilotlight", but ` +
        "must be warm-standby or pilot-light; did you mean pilot-light? (Standby mode of the tier in the alternate region)",
    );
  });

  it("truncates large values", () => {
    const [problem] = problemsAfter((plan) => (plan.about.owner = Array.from({ length: 500 }, () => "x")));
    expect(problem?.value.length).to.be.at.most(80);
  });
});

describe("text that is not YAML", () => {
  for (const [what, text, expected] of [
    ["wrong indentation", "about:\n  title: a\n owner: b\n", 3],
    ["a field given twice", "about: 1\nabout: 2\n", 2],
    ["an unknown tag", "about: !secret x\n", 1],
    ["an undefined alias", "about: 1\ntiers: *gone\n", undefined],
    ["two documents", "about: 1\n---\nabout: 2\n", 2],
  ] as const) {
    it(`${what} is told${expected === undefined ? "" : " with its line"}`, () => {
      const [problem] = problemsOf(text);
      expect(problem?.line).to.equal(expected);
      expect(problem?.rule).to.contain("YAML");
    });
  }

  it("excessive alias expansion is rejected instead of exhausting memory", () => {
    const levels = Array.from(
      { length: 12 },
      (_, n) => `l${n + 1}: &l${n + 1} [${Array(10).fill(`*l${n}`).join(", ")}]`,
    );
    expect(problemsOf(["l0: &l0 x", ...levels].join("\n"))).to.have.length.at.least(1);
  });

  it("an alias to its enclosing list is rejected", () => {
    expect(problemsOf("about: &a [*a]\n")).to.have.length.at.least(1);
  });

  it("a damaged file is quoted in short lines, without control characters", () => {
    const long = "x".repeat(9000);
    for (const text of [
      `a: !${long} 1`,
      `"${long}" "${long}"`,
      `a: {b: 1\n${long}: 2`,
      "\u001b[2Ja\u0007: [\n\u0000b",
    ]) {
      const { message } = new PlanError("plan.yaml", problemsOf(text));
      for (const line of message.split("\n")) expect(line).to.match(/^[^\p{Cc}]{1,400}$/u);
    }
  });

  it("one slip does not bury its cause under its consequences", () => {
    const problems = problemsOf(planText.replace("tiers:", "tiers: ["));
    expect(problems.length).to.be.within(1, 5);
  });

  for (const text of ["", "null", "[]", "42", "just words", "# nothing but a comment"]) {
    it(`${JSON.stringify(text)} is not a plan`, () => {
      expect(problemsOf(text)[0]?.rule).to.match(/mapping of fields/);
    });
  }

  for (const name of ["__proto__", "constructor", "toString"]) {
    it(`a field named ${name} is unknown like any other`, () => {
      expect(problemsOf(`${planText}\n${name}: { polluted: true }\n`)[0]?.where).to.equal(name);
      expect({}).to.not.have.property("polluted");
    });
  }
});

describe("the JSON Schema for editors", () => {
  it("is up to date; otherwise run npm run schema", () => {
    expect(readFileSync(schemaFile, "utf8")).to.equal(schemaText());
  });

  it("is named in the first line of the plan, beside it", () => {
    const named = /^# yaml-language-server: \$schema=(.+)$/m.exec(planText)?.[1] ?? "";
    expect(new URL(named, schemaFile).href).to.equal(schemaFile.href);
  });
});
