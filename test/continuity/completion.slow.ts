import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";

const run = promisify(execFile);
const main = fileURLToPath(new URL("../../continuity/main.ts", import.meta.url));

/** Completes as bash does on Tab, with only the shell's own tools in PATH. */
describe("completion in bash", function () {
  this.timeout(30_000);
  let project: string;
  let script: string;

  before(async () => {
    project = await mkdtemp(join(tmpdir(), "continuity it's-"));
    for (const file of ["Pulumi.yaml", "Pulumi.prod.yaml", "Pulumi.dr.yaml", "plan.yaml"]) {
      await writeFile(join(project, file), "");
    }
    script = (await run(process.execPath, [main, "completion", "bash"])).stdout;
    await writeFile(join(project, "completion"), script);
  });
  after(() => rm(project, { recursive: true }));

  async function press(...words: string[]): Promise<string[]> {
    const tab = `source ./completion; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _continuity; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = await run("bash", ["--norc", "-uc", tab, "bash", "continuity", ...words], {
      cwd: project,
      env: { PATH: "/usr/bin:/bin" },
    });
    expect(stderr).to.equal("");
    return stdout.split("\n").filter((line) => line !== "");
  }

  it("registers itself for the command, which it defines if PATH has none", async () => {
    const { stdout } = await run(
      "bash",
      ["--norc", "-c", "source ./completion; complete -p continuity; type -t continuity; continuity --version"],
      {
        cwd: project,
        env: { PATH: "/usr/bin:/bin" },
      },
    );
    expect(stdout).to.match(/complete -F _continuity continuity\nfunction\n\d+\.\d+\.\d+\n$/);
  });

  it("completes commands, options, values and stacks", async () => {
    expect(await press("fai")).to.deep.equal(["failover"]);
    expect(await press("writer", "s")).to.deep.equal(["show", "set"]);
    expect(await press("failover", "--dr")).to.deep.equal(["--dry-run"]);
    expect(await press("drill", "--fault", "export-e")).to.deep.equal(["export-empty"]);
    expect(await press("status", "--stack", "prod", "")).to.deep.equal(["dr"]);
    expect(await press("writer", "set", "--site", "=", "p")).to.deep.equal(["primary"]);
  });

  it("completes files and directories as the shell does", async () => {
    expect(await press("plan", "check", "plan")).to.deep.equal(["plan.yaml"]);
    expect(await press("failover", "--project", "..", "--stack", "x")).to.deep.equal([]);
  });

  it("executes nothing of the typed line", async () => {
    await press("failover", "--stack", "$(touch pressed)", "`touch pressed`");
    expect((await run("ls", [project])).stdout).not.to.contain("pressed");
  });

  it("prints scripts of other shells that call the same command", async () => {
    for (const [shell, registration] of [
      ["zsh", /compdef _continuity continuity/],
      ["fish", /complete -c continuity/],
    ] as const) {
      const { stdout } = await run(process.execPath, [main, "completion", shell]);
      expect(stdout).to.match(registration).and.to.contain("continuity complete -- ");
    }
  });
});
