import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { cannotOpen } from "../../continuity/cannot-open.ts";
import { findFileProblems, findProjectProblem, type Wanted } from "../../continuity/project-files.ts";
import { describeProblem } from "../../continuity/cannot-run.ts";
import { ManagedStack } from "../../continuity/stacks.ts";

/** The Automation API's error for a failed engine. */
const failed = (command: string, words: string): Error => {
  const said = `Command failed with exit code 255: pulumi ${command} --stack dr --non-interactive\n${words}`;
  return new Error(`code: -2\n stdout: \n stderr: ${said}\n err?: Error: ${said}\n`);
};
const select = (words: string): Error => failed("stack select", `error: ${words}`);
const wanted: Wanted = { stack: "dr", projectDirectory: "/p", projectName: "vapora-continuity", env: {} };
const said = (error: Error, env: Wanted["env"] = {}): string => cannotOpen({ ...wanted, env }, error).message;

describe("a stack that cannot be opened", () => {
  const bucket = 'unable to open bucket s3://state: stat "s3://state": no such bucket';
  for (const [what, error, reason] of [
    [
      "Pulumi is missing",
      new Error("code: -2\n stdout: \n stderr: Command failed with ENOENT: pulumi version\nspawn pulumi ENOENT\n"),
      /pulumi is not found in PATH.*install it/,
    ],
    [
      "no backend is configured",
      select("PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions"),
      /state backend is not configured.*PULUMI_BACKEND_URL, or run pulumi login/,
    ],
    ["a disk is full", select("open /tmp/x: no space left on device"), /a disk is full.*free space/],
    ["the stack is unknown", select("no stack named 'dr' found"), /--stack dr is unknown.*pulumi stack ls/],
    [
      "the backend does not exist",
      select(bucket),
      /state backend is .*is not accessible.*not depend on the lost region alone/,
    ],
    [
      "the passphrase is missing",
      failed("config", "error: passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE"),
      /PULUMI_CONFIG_PASSPHRASE is not set/,
    ],
    [
      "the passphrase is wrong",
      failed("config", "error: incorrect passphrase"),
      /PULUMI_CONFIG_PASSPHRASE\w* is incorrect/,
    ],
  ] as const) {
    it(`is reported with cause and remedy: ${what}`, () => {
      const message = said(error);
      expect(message)
        .to.match(reason)
        .and.to.match(/^stack "dr" cannot be opened\n {2}- /);
      expect(message).not.to.contain("code: -2");
    });
  }

  it("is reported with the backend and the variable that were used", () => {
    expect(said(select("no stack named 'dr' found"), { PULUMI_BACKEND_URL: "s3://state" })).to.contain("s3://state");
    const wrong = failed("config", "error: incorrect passphrase");
    expect(said(wrong, { PULUMI_CONFIG_PASSPHRASE: "x" })).to.match(/PULUMI_CONFIG_PASSPHRASE is/);
    expect(said(wrong, { PULUMI_CONFIG_PASSPHRASE_FILE: "f" })).to.match(/PULUMI_CONFIG_PASSPHRASE_FILE is/);
  });

  it("says so where the backend holds no stack at all, and names those that it holds", () => {
    const unknown = (...stacks: string[]) => cannotOpen(wanted, select("no stack named 'dr' found"), stacks).message;
    expect(unknown()).to.match(/--stack dr is unknown, but .* holds no stack of this project; .*pulumi stack init dr/);
    expect(unknown("prod", "drr")).to.match(/which holds prod, drr; did you mean drr\? Otherwise pulumi stack ls/);
    expect(unknown("production")).to.match(/which holds production; pulumi stack ls/);
  });

  it("cuts what the engine quotes of a file that it cannot read", () => {
    expect(said(select(`cannot read ${"x".repeat(9000)}`))).to.have.length.below(500);
    expect(said(new Error("y".repeat(9000)))).to.have.length.below(500);
  });

  it("includes the engine's message for unknown causes", () => {
    const message = said(select("the moon is in the wrong phase"));
    expect(message).to.equal('stack "dr" cannot be opened\n  - the moon is in the wrong phase');
    expect(said(new Error("the state backend: no answer within 60 s"))).to.contain("no answer within 60 s");
  });
});

describe("the project of a stack", () => {
  let projectDirectory: string;
  beforeEach(() => (projectDirectory = mkdtempSync(join(tmpdir(), "continuity-project-"))));
  afterEach(() => rmSync(projectDirectory, { recursive: true }));

  it("is checked before the engine runs, whose message is misleading", async () => {
    const error = await ManagedStack.select({ projectDirectory, stack: "dr", env: { PATH: "/nowhere" } }).then(
      () => expect.fail("was opened"),
      (reason: Error) => reason,
    );
    expect(error.message).to.match(/--project is .*must contain Pulumi.yaml; set --project to the project directory/);
  });

  it("must be this one", () => {
    const file = join(projectDirectory, "Pulumi.yaml");
    const problem = (text: string) => {
      writeFileSync(file, text);
      return findProjectProblem({ ...wanted, projectDirectory });
    };
    expect(problem("name: vapora-continuity\nruntime: nodejs\n")).to.equal(undefined);
    expect(problem("name: other\n")).to.deep.include({ where: `name in ${file}`, value: '"other"' });
    expect(problem("")).to.deep.include({ value: "missing" });
  });

  it("and the stack's settings must be readable: all damaged files at once, in a short line each", () => {
    const problems = (files: Record<string, string>, stack = "dr") => {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(projectDirectory, name), text);
      return findFileProblems({ ...wanted, stack, projectDirectory }).map(describeProblem);
    };
    const project = { "Pulumi.yaml": "name: vapora-continuity\n" };
    expect(problems({ ...project, "Pulumi.dr.yaml": "config:\n  vapora-continuity:site: primary\n" })).to.deep.equal(
      [],
    );
    expect(problems({ ...project, "Pulumi.dr.yaml": "" })).to.deep.equal([]);
    const long = `[{"a": ${"x".repeat(9000)}`;
    const found = problems({ "Pulumi.yaml": `name: ${long}`, "Pulumi.dr.yaml": `config: ${long}` }, "org/vapora/dr");
    expect(found).to.have.length(2);
    for (const line of found) {
      expect(line).to.match(
        /\/Pulumi(\.dr)?\.yaml is not readable, but it must be YAML \(.* at line \d+.*\); restore it/,
      );
      expect(line).to.have.length.below(500);
    }
    for (const text of ["- a", "words", "config: [1]", "config: words"]) {
      expect(problems({ ...project, "Pulumi.dr.yaml": text }).join(), text).to.match(
        /but it must be a mapping; restore/,
      );
    }
  });
});
