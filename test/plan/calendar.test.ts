import { expect } from "chai";
import { atAGlance, nextReview, openPoints, overdueTests, testCalendar } from "../../plan/index.ts";
import { planWith } from "./support.ts";
import { examplePlan } from "../support/example-plan.ts";

const plan = examplePlan();
const year = testCalendar(plan, new Date("2026-12-31T23:59:59Z"), new Date("2027-12-31T23:59:59Z"));

describe("the calendar of tests", () => {
  it("has monthly entries twelve times a year, quarterly ones four times and annual ones once", () => {
    const times = { monthly: 12, quarterly: 4, annually: 1 };
    for (const { id, every } of plan.tests.calendar) {
      expect(
        year.filter((due) => due.id === id),
        id,
      ).to.have.length(times[every]);
    }
  });

  it("is in order and takes the restore test's times from the job", () => {
    expect(year.map(({ at }) => at.getTime())).to.deep.equal(
      year.map(({ at }) => at.getTime()).toSorted((a, b) => a - b),
    );
    const restores = year.filter(({ id }) => id === "restore-test").map(({ at }) => at.toISOString());
    expect(restores.slice(0, 2)).to.deep.equal(["2027-01-01T03:00:00.000Z", "2027-02-01T03:00:00.000Z"]);
  });

  it("calls overdue what was not done within its cadence, or never", () => {
    const now = new Date("2026-12-01T00:00:00Z");
    const all = Object.fromEntries(plan.tests.calendar.map(({ id }) => [id, now]));
    expect(overdueTests(plan, now, all)).to.deep.equal([]);
    const last = {
      ...all,
      "alert-test": new Date("2026-10-30T00:00:00Z"),
      "disaster-drill": new Date("2026-09-01T00:00:00Z"),
    };
    expect(overdueTests(plan, now, last).map(({ id }) => id)).to.deep.equal(["alert-test"]);
    expect(overdueTests(plan, now, { ...all, "contact-check": undefined }).map(({ id }) => id)).to.deep.equal([
      "contact-check",
    ]);
    expect(overdueTests(plan, now, { ...all, "contact-check": new Date(Number.NaN) })).to.have.length(1);
    expect(overdueTests(plan, now, {})).to.have.length(plan.tests.calendar.length);
  });

  it("counts the next review from the last change, and the reminder from the review", () => {
    expect(nextReview(plan)).to.deep.equal({ dueOn: "2026-04-12", remindOn: "2026-03-22" });
    const edited = planWith((data) => Object.assign(data.about, { lastUpdated: "2025-11-30" }));
    expect(nextReview(edited).dueOn).to.equal("2026-02-28");
  });
});

describe("the plan at a glance", () => {
  it("shows targets that the plan holds elsewhere", () => {
    expect(atAGlance(plan).map(({ metric, target }) => [metric, target])).to.deep.equal([
      ["Recovery time objective", "4 h"],
      ["Recovery point objective", "1 h"],
      ["Availability per month", "99.9 %"],
      ["Full export", "every 1 h"],
      ["Restore test", "monthly"],
      ["Disaster drill", "quarterly"],
    ]);
  });

  it("follows the plan", () => {
    const edited = planWith((data) => {
      data.recovery.rto = "PT5H";
      data.backups.fullExport.schedule = "*/30 * * * *";
    });
    expect(atAGlance(edited).map(({ target }) => target)).to.include.members(["5 h", "every 30 min"]);
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
