import { expect } from "chai";
import { nextReview, openPoints } from "../../plan/index.ts";
import { planWith } from "./support.ts";
import { examplePlan } from "../support/example-plan.ts";

const plan = examplePlan();

describe("the review of the plan", () => {
  it("counts the next review from the last change, and the reminder from the review", () => {
    expect(nextReview(plan)).to.deep.equal({ dueOn: "2026-04-12", remindOn: "2026-03-22" });
    const edited = planWith((data) => Object.assign(data.about, { lastUpdated: "2025-11-30" }));
    expect(nextReview(edited).dueOn).to.equal("2026-02-28");
  });
});

describe("open points", () => {
  it("are contacts that nobody reached and signatures that are missing", () => {
    expect(openPoints(plan).map(({ path }) => path)).to.include.members(["contacts[0]", "governance.signOff[3]"]);
    const edited = planWith((data) => {
      data.governance.signOff = [{ position: "CTO", name: "A", signedOn: "2026-01-12" }];
      for (const contact of data.contacts) {
        contact.verified = true;
        contact.lastVerified = "2026-01-12";
        if (contact.phone) contact.phone = "+49 30 901820";
        delete contact.backupPhone;
      }
    });
    expect(openPoints(edited)).to.deep.equal([]);
  });
});
