import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { run } from "../../tools/command.ts";

const script = join(import.meta.dirname, "build-one.ts");

interface Build {
  process: ChildProcess;
  /** Resolves once its output matches. */
  until(pattern: RegExp): Promise<void>;
  /** All its output, when it has ended. */
  ended: Promise<string>;
}

describe("a build of tools", function () {
  this.timeout(180_000);
  let folder: string;
  let builds: Build[];
  before(() => (folder = mkdtempSync(join(tmpdir(), "interrupted-test-"))));
  beforeEach(() => {
    builds = [];
    for (const name of ["cache", "compiled"]) rmSync(join(folder, name), { recursive: true, force: true });
  });
  afterEach(() => builds.forEach(({ process }) => process.kill("SIGKILL")));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** A program that takes some seconds, since the part of the standard library that it uses is compiled with it. */
  const prepare = (): string => {
    const module = mkdtempSync(join(folder, "module-"));
    writeFileSync(join(module, "go.mod"), "module small\n\ngo 1.26\n");
    const main =
      'package main\n\nimport "encoding/json"\n\nfunc main() { b, _ := json.Marshal("hello"); println(string(b)) }\n';
    writeFileSync(join(module, "main.go"), main);
    return module;
  };

  const begin = (module: string, ...args: string[]): Build => {
    const env = { ...process.env, LOCAL_CLOUD_CACHE: join(folder, "cache"), GOCACHE: join(folder, "compiled") };
    const child = spawn(process.execPath, [script, module, ...args], { env, stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const build: Build = {
      process: child,
      ended: once(child, "close").then(() => output),
      async until(pattern) {
        while (!pattern.test(output)) {
          if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${output}`);
          await sleep(20);
        }
      },
    };
    builds.push(build);
    return build;
  };

  /** Processes that were started to build, by the environment that they have. */
  const left = (): string[] =>
    readdirSync("/proc").filter((pid) => {
      try {
        return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, "utf8").includes(join(folder, "compiled"));
      } catch {
        return false; // ended in between
      }
    });

  const tools = (): string[] => readdirSync(join(folder, "cache"));
  const complete = /^small-[0-9a-f]{20}$/;

  const expectBuilt = async (output: string): Promise<void> => {
    const [, path = ""] = /^built (.+)$/m.exec(output) ?? [];
    const program = await run("sh", ["-c", `exec ${join(path, "program")} 2>&1`], { limitSeconds: 10 });
    expect(program).to.equal('"hello"\n');
    expect(tools()).to.have.length(1);
    expect(tools()[0]).to.match(complete);
  };

  const moments: Record<string, RegExp> = {
    "at its beginning": /first time only/,
    "with a compiler at work": /^share 0\.[0-9]*[1-9]/m,
    later: /^share 0\.[5-9]/m,
  };
  for (const [when, pattern] of Object.entries(moments)) {
    it(`leaves no process and no half tool when it is interrupted ${when}; the next one goes on`, async () => {
      const module = prepare();
      const build = begin(module);
      await build.until(pattern);
      build.process.kill("SIGINT");
      await build.ended;
      expect([left(), tools()]).to.deep.equal([[], []]);
      await expectBuilt(await begin(module).ended);
    });
  }

  it("ends with its starter also after kill -9, and the next one removes what lies there", async () => {
    const module = prepare();
    const build = begin(module, "alone");
    await build.until(/^share 0\.[0-9]*[1-9]/m);
    build.process.kill("SIGKILL");
    await build.ended;
    for (let tries = 0; tries < 50 && left().length > 0; tries++) await sleep(100);
    expect([left(), tools().filter((name) => complete.test(name))]).to.deep.equal([[], []]);
    await expectBuilt(await begin(module).ended);
  });

  it("is shared by two that want it at the same time", async () => {
    const module = prepare();
    const outputs = await Promise.all([begin(module).ended, begin(module).ended]);
    for (const output of outputs) await expectBuilt(output);
    expect(outputs.filter((output) => /first time only/.test(output))).to.have.length(1);
    expect(outputs.filter((output) => /waiting for another run/.test(output))).to.have.length(1);
  });

  it("is taken over by one that waits for it when it is killed", async () => {
    const module = prepare();
    const first = begin(module);
    await first.until(/first time only/);
    const second = begin(module);
    await second.until(/waiting for another run/);
    first.process.kill("SIGKILL");
    await expectBuilt(await second.ended);
  });
});
