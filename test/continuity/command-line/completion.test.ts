import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { answerCompletion } from "../../../continuity/command-line/completion.ts";
import { flagOf } from "../../../continuity/command-line/definition.ts";
import { checkedSections, commandsOf } from "./support.ts";

const sections = await checkedSections();

interface Answer {
  words: string[];
  adds: string;
}

const complete = (...words: string[]): Answer => {
  const lines = answerCompletion(sections, words).trimEnd().split("\n");
  return { words: lines.slice(0, -1).map((line) => line.split("\t")[0] ?? ""), adds: lines.at(-1) ?? "" };
};

const nothing = ":4";

describe("completion", () => {
  it("offers commands and groups, each with its description", () => {
    expect(complete("").words).to.include.members(["drill", "plan", "status", "failover", "points", "writer"]);
    expect(complete("st")).to.deep.equal({ words: ["status"], adds: nothing });
    expect(answerCompletion(sections, ["fail"])).to.match(/^failover\tmake this stack's site the active one/);
    expect(complete("-").words).to.deep.equal(["--help", "--version"]);
  });

  it("offers the commands of a group", () => {
    expect(complete("writer", "").words).to.deep.equal(["show", "set"]);
    expect(complete("points", "re").words).to.deep.equal(["reject"]);
    expect(complete("nonsense", "").words).to.deep.equal([]);
    expect(complete("writer", "nonsense", "").words).to.deep.equal([]);
  });

  for (const command of commandsOf(sections)) {
    it(`offers every option of ${command.name}, but none twice`, () => {
      const name = command.name.split(" ");
      const flags = [...Object.keys(command.options).map(flagOf), "--help"];
      expect(complete(...name, "-").words).to.deep.equal(flags);
      for (const flag of flags) expect(complete(...name, flag, "x", "-").words).not.to.include(flag);
    });
  }

  it("offers the values that an option has", () => {
    expect(complete("drill", "--fault", "export-t")).to.deep.equal({ words: ["export-truncated"], adds: nothing });
    expect(complete("writer", "set", "--stack", "dr", "--site", "").words).to.deep.equal(["primary", "alternate"]);
    expect(complete("points", "accept", "20261123T100000Z", "--kind", "").words).to.deep.equal(["full", "changes"]);
    expect(complete("completion", "").words).to.deep.equal(["bash", "zsh", "fish"]);
  });

  it("offers the value after an equals sign, which bash passes as a separate word", () => {
    for (const words of [["--site=al"], ["--site", "=", "al"]]) {
      expect(complete("writer", "set", ...words).words).to.deep.equal(["alternate"]);
    }
    expect(complete("writer", "set", "--site", "=").words).to.deep.equal(["primary", "alternate"]);
  });

  it("offers options after a value and after a flag, and no values where none are known", () => {
    expect(complete("failover", "--stack", "dr", "").words).to.include.members(["--yes", "--dry-run"]);
    expect(complete("failover", "--yes", "").words)
      .to.include("--stack")
      .and.not.to.include("--yes");
    expect(complete("writer", "set", "--by", "")).to.deep.equal({ words: [], adds: nothing });
  });

  it("leaves files and directories to the shell", () => {
    expect(complete("plan", "check", "pl")).to.deep.equal({ words: [], adds: ":0" });
    expect(complete("drill", "--plan", "")).to.deep.equal({ words: [], adds: ":0" });
    expect(complete("status", "--project", "")).to.deep.equal({ words: [], adds: ":16" });
    expect(complete("drill", "--out", "x")).to.deep.equal({ words: [], adds: ":16" });
  });

  describe("of stacks", () => {
    let project: string;
    beforeEach(() => {
      project = mkdtempSync(join(tmpdir(), "continuity-completion-"));
      for (const file of ["Pulumi.yaml", "Pulumi.prod.yaml", "Pulumi.dr.yml", "Pulumi.prod.yaml.bak", "index.ts"]) {
        writeFileSync(join(project, file), "");
      }
      mkdirSync(join(project, "empty"));
    });
    afterEach(() => rmSync(project, { recursive: true }));

    it("offers those with a configuration in the project directory", () => {
      expect(complete("failover", "--project", project, "--stack", "").words).to.deep.equal(["dr", "prod"]);
      expect(complete("failover", "--project", project, "--stack", "p").words).to.deep.equal(["prod"]);
      expect(complete("failover", "--project", join(project, "empty"), "--stack", "").words).to.deep.equal([]);
      expect(complete("failover", "--project", join(project, "absent"), "--stack", "").words).to.deep.equal([]);
    });

    it("offers the remaining ones if several are accepted, and no second if only one is", () => {
      expect(complete("status", "--project", project, "--stack", "prod", "").words).to.deep.equal(["dr"]);
      expect(complete("failover", "--project", project, "--stack", "prod", "").words).not.to.include("dr");
    });

    it("uses the working directory without a project option, as the command does", () => {
      expect(complete("status", "--stack", "").words).to.include.members(["dr", "prod"]);
    });
  });
});
