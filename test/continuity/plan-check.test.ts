import { expect } from "chai";
import { describePlan, keepsPromises, planFigures, type PlanFigures } from "../../continuity/plan-check.ts";
import { examplePlan } from "../support/example-plan.ts";

const shipped = planFigures(examplePlan());

/** The same figures with one exceeding its target. */
const late: PlanFigures = {
  ...shipped,
  recovery: shipped.recovery.map((tier, index) => (index === 0 ? { ...tier, met: false } : tier)),
};
const lossy: PlanFigures = { ...shipped, loss: { ...shipped.loss, met: false } };
const careful: PlanFigures = {
  ...shipped,
  loss: { ...shipped.loss, rpoSeconds: shipped.loss.fullExportsOnly.seconds },
};

const notKept = (figures: PlanFigures): string[] =>
  describePlan(figures)
    .split("\n")
    .filter((line) => line.includes("NOT KEPT"));

describe("plan check", () => {
  it("passes if nothing reads NOT KEPT", () => {
    expect(notKept(careful)).to.deep.equal([]);
    expect(keepsPromises(careful)).to.equal(true);
  });

  it("gives the reason if it allows NOT KEPT, as for tables without change exports", () => {
    const [line = "", ...others] = notKept(shipped);
    expect(others).to.deep.equal([]);
    expect(line).to.match(/tables without changefeed .*NOT KEPT, allowed: .*applies to tables with a changefeed/);
    expect(keepsPromises(shipped)).to.equal(true);
  });

  for (const [what, figures, where] of [
    ["a tier recovers too late", late, /tier 1 /],
    ["change exports lose too much", lossy, /with change exports /],
  ] as const) {
    it(`fails if ${what}, and allows nothing there`, () => {
      const forbidden = notKept(figures).filter((line) => !line.includes("allowed"));
      expect(forbidden).to.have.length(1);
      expect(forbidden[0]).to.match(where);
      expect(keepsPromises(figures)).to.equal(false);
    });
  }

  it("lists when the plan is reviewed and what people still have to do; neither breaks a promise", () => {
    const text = describePlan(shipped, shipped.review.dueOn);
    expect(text).to.match(
      new RegExp(`^Review +due ${shipped.review.dueOn}, reminder ${shipped.review.remindOn}$`, "m"),
    );
    expect(shipped.open).to.have.length.above(0);
    for (const { path, what } of shipped.open) expect(text).to.contain(path).and.contain(what);
    expect(describePlan({ ...shipped, open: [] })).to.match(/^Open points +none$/m);
  });

  it("names an overdue review as overdue, from the day after it was due", () => {
    const figures = { ...shipped, review: { dueOn: "2026-04-30", remindOn: "2026-04-09" } };
    expect(describePlan(figures, "2026-04-30")).not.to.contain("OVERDUE");
    expect(describePlan(figures, "2026-05-01")).to.match(/^Review +OVERDUE since 2026-04-30, 1 day: review the plan/m);
    expect(describePlan(figures, "2026-11-24")).to.match(/^Review +OVERDUE since 2026-04-30, 208 days: /m);
  });
});
