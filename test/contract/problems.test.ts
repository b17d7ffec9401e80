import { expect } from "chai";
import { describeProblem, problem, shown } from "../../contract/index.ts";

describe("a problem", () => {
  it("is one line: location, value, rule, remedy", () => {
    expect(describeProblem(problem("days", 0, "must be 1 or more", "give 1"))).to.equal(
      "days is 0, but must be 1 or more; give 1",
    );
  });

  it("includes the line of a file if known", () => {
    const found = { ...problem("tiers[0].rto", "PT1Y", "r", "m"), line: 7 };
    expect(describeProblem(found)).to.equal('line 7, tiers[0].rto is "PT1Y", but r; m');
  });

  it("of a whole file has no location", () => {
    expect(describeProblem({ ...problem("", undefined, "r", "m"), value: "the file" })).to.equal("the file: r; m");
  });

  const values: [unknown, string][] = [
    [undefined, "missing"],
    ["", '""'],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "Infinity"],
    [null, "null"],
    [{ a: 1 }, '{"a":1}'],
    [() => undefined, "() => undefined"],
    ["x".repeat(100), `"${"x".repeat(76)}...`],
  ];
  for (const [value, text] of values) {
    it(`formats ${text.slice(0, 20)}`, () => expect(shown(value)).to.equal(text));
  }

  it("formats a circular value, and never throws", () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    expect(shown(circle)).to.equal("a value that refers to itself");
  });
});
