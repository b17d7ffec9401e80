import { expect } from "chai";
import fc from "fast-check";
import { hasColour } from "../../continuity/colour.ts";
import { columnsOf, fold } from "../../continuity/fold.ts";
import { createProgress } from "../../continuity/progress.ts";
import { report } from "../drill/report-fixture.ts";
import { reportText } from "../../drill/report/text.ts";
import { describePlan, planFigures } from "../../continuity/plan-check.ts";
import { examplePlan } from "../support/example-plan.ts";

describe("colour", () => {
  for (const [isTTY, env, expected] of [
    [true, {}, true],
    [false, {}, false],
    [true, { TERM: "dumb" }, false],
    [true, { NO_COLOR: "1" }, false],
    [true, { NO_COLOR: "" }, true], // an empty one counts as absent: no-color.org
    [false, { FORCE_COLOR: "1" }, true],
    [true, { FORCE_COLOR: "0" }, false],
    [true, { FORCE_COLOR: "1", NO_COLOR: "1" }, false],
    [false, { FORCE_COLOR: "1", TERM: "dumb" }, true],
  ] as const) {
    it(`is ${expected ? "on" : "off"} ${isTTY ? "at a terminal" : "in a file"} with ${JSON.stringify(env)}`, () => {
      expect(hasColour({ isTTY }, env)).to.equal(expected);
    });
  }
});

describe("progress and colour", () => {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  afterEach(() => {
    for (const [name, value] of Object.entries({ NO_COLOR, FORCE_COLOR, TERM })) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  const written = (isTTY: boolean, env: Record<string, string>, columns = 80): string => {
    delete process.env["NO_COLOR"];
    delete process.env["FORCE_COLOR"];
    Object.assign(process.env, { TERM: "xterm", ...env });
    let text = "";
    const progress = createProgress({ isTTY, columns, write: (part) => (text += part) });
    progress.warn("careful");
    const phase = progress.phase("Deploying a stack that has a long name");
    phase.awaiting("a bucket whose name is even longer than that");
    progress.stop();
    return text;
  };
  const colour = "\u001b[33m!\u001b[39m careful";

  it("follow the environment", () => {
    expect(written(true, {})).to.contain(colour);
    expect(written(true, { NO_COLOR: "1" }))
      .to.contain("careful")
      .and.not.to.contain("\u001b[3");
    expect(written(false, {})).not.to.contain("\u001b");
  });

  it("with FORCE_COLOR a log has colour, but no line that moves", () => {
    expect(written(false, { FORCE_COLOR: "1" }))
      .to.contain(colour)
      .and.not.to.contain("\r");
  });

  for (const columns of [40, 20]) {
    it(`the moving line stays in one line of ${columns} columns`, () => {
      const moving = written(true, {}, columns)
        .split("\r\u001b[2K")
        .filter((part) => part.includes("Deploying"));
      expect(moving).not.to.deep.equal([]);
      for (const part of moving) expect(part).to.have.length.below(columns);
    });
  }

  it("a terminal that does not know its width has 80 columns", () => {
    expect(written(true, {}, 0)).to.contain("Deploying a stack that has a long name");
  });
});

describe("text for a narrow terminal", () => {
  it("is as wide as the terminal, and unlimited where there is none", () => {
    expect(columnsOf({ isTTY: true, columns: 40 })).to.equal(40);
    expect(columnsOf({ isTTY: true, columns: 0 })).to.equal(Number.POSITIVE_INFINITY);
    expect(columnsOf({ columns: 40 })).to.equal(Number.POSITIVE_INFINITY);
  });

  it("keeps every word and its indent; only a word that is too long is over the edge", () => {
    const word = fc.string({ unit: fc.constantFrom(..."abc"), minLength: 1, maxLength: 30 });
    const line = fc.tuple(fc.nat(6), fc.array(word, { minLength: 1, maxLength: 12 }));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), fc.integer({ min: 1, max: 60 }), (lines, columns) => {
        const text = lines.map(([indent, words]) => " ".repeat(indent) + words.join(" ")).join("\n");
        const folded = fold(text, columns);
        expect(folded.split(/\s+/)).to.deep.equal(text.split(/\s+/));
        expect(fold(text, Number.POSITIVE_INFINITY)).to.equal(text);
        for (const part of folded.split("\n")) {
          if (part.length > columns) expect(part.trim(), "breakable").not.to.contain(" ");
        }
      }),
    );
  });

  for (const columns of [40, 60]) {
    it(`the drill's report fits ${columns} columns, with every figure`, () => {
      const text = reportText(report, columns);
      expect(text.split("\n").filter((line) => line.length > columns)).to.deep.equal([]);
      expect(text).to.match(
        /Tier 1 Critical: MISSED\n {2}target 30 min\n {2}actual 31 min 40 s\n {2}projected 33 min 40 s\n/,
      );
      expect(text).to.match(/Recovery point\n20260115T095900Z: met\n {2}target 1 h\n/);
      expect(text.split(/\s+/)).to.include.members(
        reportText(report)
          .split(/\s+/)
          .filter((word) => /^\d/.test(word) && word !== "20260115T095900Z"),
      );
    });
  }

  it("a plan's figures fit 40 columns", () => {
    const text = fold(describePlan(planFigures(examplePlan())), 40);
    expect(text.split("\n").filter((line) => line.length > 40)).to.deep.equal([]);
  });

  it("a wide terminal gets the tables", () => {
    expect(reportText(report, 100)).to.match(/Tier 1 Critical +30 min +31 min 40 s/);
  });
});
