import { expect } from "chai";
import { runLine, sample } from "./support.ts";

const run = async (...args: string[]) => {
  const { got, sections } = sample();
  return { ...(await runLine(sections, args)), got };
};

describe("a command line", () => {
  it("is parsed to typed values, with defaults for omitted ones", async () => {
    const { got, status, err } = await run("brew", "oolong", "--stack", "prod", "dr", "--cups", "3", "--kind", "black");
    expect([status, err]).to.deep.equal([0, ""]);
    const values = { leaf: "oolong", stack: ["prod", "dr"], cups: 3, kind: "black", by: undefined, dryRun: false };
    expect(got).to.deep.equal([values]);
    const least = await run("brew", "--stack=dr");
    expect(least.got).to.deep.equal([{ stack: ["dr"], cups: 1, kind: undefined, by: undefined, dryRun: false }]);
  });

  it("exits with the status returned by the handler", async () => {
    expect((await run("brew", "--stack", "dr", "--dry-run")).status).to.equal(1);
  });

  it("passes the handler's error on", async () => {
    const error = await run("cup", "fill").then(
      () => expect.fail("no error"),
      (reason: Error) => reason,
    );
    expect(error.message).to.equal("spilt");
  });

  it("is rejected with all problems at once, before the handler runs", async () => {
    const { got, problems, err } = await run("brew", "--cups", "x", "--kind", "blac", "--by", " ");
    expect(got).to.deep.equal([]);
    expect(err).to.match(/^brew cannot run with these options\n/);
    expect(problems).to.deep.equal([
      "--stack is missing, but the command requires it; add --stack NAME (whose tea)",
      '--cups is "x", but it must be an integer from 1 to 9; use --cups 2',
      '--kind is "blac", but it must be green or black; did you mean black?',
      '--by is " ", but it must not be empty; write a name',
    ]);
  });

  for (const cups of ["0", "10", "1.5", "", "NaN", "-1"]) {
    it(`rejects the number ${JSON.stringify(cups)}`, async () => {
      expect((await run("brew", "--stack", "dr", "--cups", cups)).problems.join()).to.match(/--cups is/);
    });
  }

  for (const stack of ["-x", "--json", "a b", "../x", ""]) {
    it(`rejects ${JSON.stringify(stack)} as a stack name`, async () => {
      expect((await run("brew", `--stack=${stack}`)).problems.join()).to.match(/--stack is .*a stack name/);
    });
  }

  it("accepts a stack with organization and project", async () => {
    expect((await run("brew", "--stack", "org/vapora/dr")).got).to.have.length(1);
  });

  it("truncates a long value in a problem", async () => {
    const [problem = ""] = (await run("brew", "--stack", "dr", "--kind", "x".repeat(5000))).problems;
    expect(problem)
      .to.match(/"x{76}\.\.\./)
      .and.have.length.below(200);
  });
});

describe("a misspelt", () => {
  for (const [what, args, problem] of [
    ["command", ["bew"], 'command is "bew", but continuity has no such command; did you mean brew?'],
    [
      "command of a group",
      ["cup", "fil"],
      'command is "fil", but continuity cup has no such command; did you mean fill?',
    ],
    [
      "option of the program",
      ["--verison"],
      'option is "--verison", but continuity has no such option; did you mean --version?',
    ],
    [
      "option of a group",
      ["cup", "--hlep"],
      'option is "--hlep", but continuity cup has no such option; did you mean --help?',
    ],
    [
      "option",
      ["brew", "--stack", "dr", "--dryrun"],
      'option is "--dryrun", but the command has no such option; did you mean --dry-run?',
    ],
    [
      "option with a value",
      ["brew", "--stack", "dr", "--cup=3"],
      'option is "--cup", but the command has no such option; did you mean --cups?',
    ],
  ] as const) {
    it(`${what} gets a hint`, async () => {
      const { problems, status } = await run(...args);
      expect(problems[0]).to.contain(problem);
      expect(status).to.equal(2);
    });
  }

  it("required option is one problem, not also a missing one", async () => {
    const { problems } = await run("brew", "--stak", "dr", "--kindd", "green");
    expect(problems).to.have.length(2);
    expect(problems.join("\n")).to.match(/did you mean --stack\?\n.*did you mean --kind\?/);
  });

  it("name without similar ones gets no hint, but the known names", async () => {
    const { problems } = await run("brew", "--stack", "dr", "--elephant");
    expect(problems[0]).to.match(/it has --stack, --cups, --kind, --by, --dry-run, --help$/);
    expect((await run("elephant")).problems[0]).to.match(/; list them with continuity --help$/);
  });
});

describe("a command line rejected by commander", () => {
  it("is reported in the common format: a missing value", async () => {
    const { problems } = await run("brew", "--stack", "dr", "--cups");
    expect(problems).to.deep.equal(["--cups is without a value, but it takes N; write --cups N"]);
  });

  it("is reported with the excess arguments", async () => {
    const { problems } = await run("brew", "oolong", "assam", "--stack", "dr");
    expect(problems).to.deep.equal(['argument is "assam", but the command takes 1 only; remove it']);
  });
});

describe("without a command", () => {
  it("prints help to standard error and exits with 2", async () => {
    for (const args of [[], ["cup"]]) {
      const { status, out, err } = await run(...args);
      expect([status, out]).to.deep.equal([2, ""]);
      expect(err).to.match(/^Usage: continuity/);
    }
  });

  it("--version prints the version", async () => {
    expect(await run("--version")).to.include({ status: 0, out: "1.2.3\n", err: "" });
  });
});
