import { expect } from "chai";
import { CommandError, readCommand } from "../../../drill/images/surrealdb/command-line.ts";

const env = { SURREAL_USER: "root", SURREAL_PASS: "secret" };
const deployed = ["start", "--bind", "[::]:8000", "rocksdb:/data/vapora.db"];

const problemsOf = (words: string[], environment: Record<string, string> = env): readonly string[] => {
  try {
    readCommand(words, environment);
  } catch (error) {
    if (error instanceof CommandError) return error.problems;
    throw error;
  }
  return [];
};

describe("command line of the local database image", () => {
  it("parses the command of the deployment", () => {
    expect(readCommand(deployed, env)).to.deep.equal({
      url: "rocksdb:/data/vapora.db",
      host: "::",
      port: 8000,
      user: "root",
      pass: "secret",
      faults: { export: undefined, exportOf: undefined },
    });
  });

  it("prefers flags to the environment and ignores the server's irrelevant flags", () => {
    const words = [...deployed, "--log=info", "--no-banner", "-u", "admin", "--pass=a=b"];
    expect(readCommand(words, env)).to.include({ user: "admin", pass: "a=b" });
  });

  it("accepts an IPv6 address, and a path with leading slashes", () => {
    const read = readCommand(["start", "-b", "[::]:8000", "rocksdb:///data/x"], env);
    expect(read).to.include({ host: "::", url: "rocksdb:/data/x" });
  });

  it("enables an export fault by the environment", () => {
    const faults = { FAULT_EXPORT: "empty", FAULT_EXPORT_OF: "main" };
    expect(readCommand(deployed, { ...env, ...faults }).faults).to.deep.equal({ export: "empty", exportOf: "main" });
  });

  it("reports all problems at once", () => {
    const problems = problemsOf(["sql", "--bind", "8000", "--unknown", "surrealkv:/x", "more"], { FAULT_EXPORT: "no" });
    expect(problems).to.have.length(7);
    expect(problems.join("\n"))
      .to.include("the command is sql")
      .and.include("--bind is 8000")
      .and.include("--unknown")
      .and.include("surrealkv:/x")
      .and.include("more is an unexpected argument")
      .and.include("FAULT_EXPORT is no")
      .and.include("SURREAL_USER");
  });

  it("rejects a server without a user", () => {
    expect(problemsOf(deployed, {})).to.have.length(1);
    expect(problemsOf(deployed, { SURREAL_USER: "root" })).to.have.length(1);
  });
});
