import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { identify, isRunning, openRun, spawnTied } from "../../run/index.ts";
import type { ProcessIdentity, Run, Tied } from "../../run/index.ts";
import { cleanLeftovers } from "../../run/leftovers.ts";

const eventually = async (what: string, holds: () => boolean): Promise<void> => {
  for (let tries = 0; tries < 150; tries++) {
    if (holds()) return;
    await sleep(20);
  }
  expect.fail(`never: ${what}`);
};

/** A process that opens a run, starts children, prints their ids, and waits. */
const owner = `
import { openRun, spawnTied, closeOnExit } from ${JSON.stringify(join(import.meta.dirname, "../../run/index.ts"))};
import { spawn } from "node:child_process";
const [, parent, mode] = process.argv;
const run = await openRun("owner", parent);
if (mode === "empty") {
  console.log(JSON.stringify({ directory: run.directory, pids: [] }));
  await new Promise(() => setInterval(() => {}, 1000));
}
const stop = { hangs: () => new Promise(() => {}), "fails to stop": () => Promise.reject(new Error("stop failed")) }[mode];
if (mode !== "plain") closeOnExit(run, stop);
const tied = spawnTied("sleep", ["60"], { run, label: "tied" });
const loose = spawn("sleep", ["61"], { stdio: "ignore", detached: true });
run.track(loose, "loose");
const busy = "sleep 0.2; for n in 1 2 3 4 5 6 7 8 9; do mkdir -p $0/again; sleep 0.1; done";
if (mode === "tidy") spawn("sh", ["-c", busy, run.directory], { stdio: "ignore" });
await new Promise((resolve) => setTimeout(resolve, 100));
const background = spawnTied("sh", ["-c", "sleep 62 & echo $!"], { run, label: "background" });
const left = await new Promise((resolve) => background.stdout.once("data", (data) => resolve(Number(data))));
await background.exited;
console.log(JSON.stringify({ directory: run.directory, pids: [tied.child.pid, loose.pid, left] }));
if (mode === "crashes") throw new Error("crash");
`;

interface Started {
  child: ChildProcess;
  directory: string;
  processes: ProcessIdentity[];
}

describe("runs and their processes", function () {
  this.timeout(30_000);
  let parent: string;
  let run: Run;
  beforeEach(async () => {
    parent = mkdtempSync(join(tmpdir(), "run-test-"));
    run = await openRun("test", parent);
  });
  afterEach(async () => {
    await run.close();
    rmSync(parent, { recursive: true, force: true });
  });

  const startOwner = async (mode: string): Promise<Started> => {
    const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", owner, parent, mode], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    const { directory, pids } = JSON.parse(line) as { directory: string; pids: number[] };
    return { child, directory, processes: pids.map((pid) => identify(pid)!) };
  };

  /** The shell that waits for the end of the owner. */
  const reaperOf = (directory: string): ProcessIdentity => {
    const pid = readdirSync("/proc").find((entry) => {
      try {
        const words = readFileSync(`/proc/${entry}/cmdline`, "utf8").split("\0");
        return words[0] === "/bin/sh" && words.includes(directory);
      } catch {
        return false;
      }
    });
    return identify(Number(pid))!;
  };

  it("nothing is left after kill -9: no processes, no directory, no reaper", async () => {
    const { child, directory, processes } = await startOwner("plain");
    const reaper = reaperOf(directory);
    expect([reaper, ...processes].every(isRunning)).to.equal(true);
    child.kill("SIGKILL");
    await eventually("all processes end", () => !processes.some(isRunning));
    await eventually("the folder goes", () => !existsSync(directory));
    await eventually("the reaper ends", () => !isRunning(reaper));
  });

  it("the next run ends what a run left whose reaper was killed as well, and removes its folder", async () => {
    const { child, directory, processes } = await startOwner("plain");
    expect(processes.every(isRunning)).to.equal(true);
    process.kill(reaperOf(directory).pid, "SIGKILL");
    child.kill("SIGKILL");
    await once(child, "exit");
    await eventually("the tied child exits", () => !isRunning(processes[0]!));
    expect(isRunning(processes[1]!), "the other one goes on").to.equal(true);
    expect(existsSync(directory)).to.equal(true);

    const next = await openRun("next", parent);
    expect(processes.some(isRunning)).to.equal(false);
    expect(existsSync(directory)).to.equal(false);
    await next.close();
  });

  for (const [signal, expected] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)
    it(`nothing is left after ${signal}, not even by a command that goes on writing into the directory`, async () => {
      const { child, directory, processes } = await startOwner("tidy");
      const reaper = reaperOf(directory);
      child.kill(signal);
      const [status] = (await once(child, "exit")) as [number];
      expect(status).to.equal(expected);
      expect([reaper, ...processes].some(isRunning)).to.equal(false);
      await sleep(300);
      expect(existsSync(directory)).to.equal(false);
    });

  for (const [mode, signals, expected] of [
    ["hangs", ["SIGINT", "SIGINT"], 130],
    ["fails to stop", ["SIGTERM"], 143],
    ["crashes", [], 1],
  ] as const)
    it(`nothing is left by a process that ${mode}`, async () => {
      const { child, directory, processes } = await startOwner(mode);
      const exited = once(child, "exit");
      for (const signal of signals) {
        child.kill(signal);
        await sleep(100);
      }
      expect((await exited)[0]).to.equal(expected);
      expect(processes.some(isRunning)).to.equal(false);
      expect(existsSync(directory)).to.equal(false);
    });

  for (const signal of ["SIGKILL", "SIGQUIT", "SIGINT"] as const)
    it(`nothing is left of a run without children after ${signal}`, async () => {
      const { child, directory } = await startOwner("empty");
      const reaper = reaperOf(directory);
      child.kill(signal);
      await eventually("the directory goes", () => !existsSync(directory));
      await eventually("the reaper ends", () => !isRunning(reaper));
    });

  const isOver = async (tied: Tied): Promise<unknown> => (await tied.exited).signal ?? (await tied.exited).code;

  it("closing kills children that ignore SIGTERM", async () => {
    const deaf = spawnTied("sh", ["-c", "trap '' TERM; echo on; while :; do sleep 1; done"], { run, label: "deaf" });
    await once(deaf.stdout, "data");
    const identity = identify(deaf.child.pid!)!;
    await run.close();
    expect(isRunning(identity)).to.equal(false);
    await isOver(deaf);
  });

  it("opening a run cleans up leftovers, but not the run itself", async () => {
    const path = join(parent, `local-cloud.test.${2 ** 22 + 1}.1.abc123`); // above the kernel's largest process id
    mkdirSync(path);
    const opened = await openRun("test", parent);
    expect(existsSync(path)).to.equal(false);
    expect(await cleanLeftovers(parent)).to.deep.equal([]);
    expect(statSync(opened.directory).mode & 0o777).to.equal(0o755);
    await opened.close();
    await opened.close();
    expect(existsSync(opened.directory)).to.equal(false);
  });

  it("closing kills what a tied child left in the background", async () => {
    const short = spawnTied("sh", ["-c", "sleep 60 & echo $!"], { run, label: "background" });
    const [line] = (await once(short.stdout, "data")) as [Buffer];
    await short.exited;
    const left = identify(Number(line.toString()))!;
    expect(isRunning(left)).to.equal(true);
    await run.close();
    expect(isRunning(left)).to.equal(false);
  });

  it("a tied child gets SIGTERM and its exit status comes back", async () => {
    const polite = spawnTied("sh", ["-c", "trap 'exit 7' TERM; echo on; while :; do sleep 0.05; done"], {
      run,
      label: "polite",
    });
    await once(polite.stdout, "data");
    await polite.stop();
    expect(await isOver(polite)).to.equal(7);
  });

  it("a tied child that exits is not killed, and its last lines are kept", async () => {
    const short = spawnTied("sh", ["-c", "echo last words >&2; exit 3"], { run, label: "short" });
    expect(await isOver(short)).to.equal(3);
    expect(short.logTail()).to.equal("last words");
  });

  it("killing a tied child takes its descendants along", async () => {
    const family = spawnTied("sh", ["-c", "setsid sleep 60 & echo $!; wait"], { run, label: "family" });
    const [line] = (await once(family.stdout, "data")) as [Buffer];
    const grandchild = identify(Number(line.toString()))!;
    await family.kill();
    await eventually("the grandchild is gone", () => !isRunning(grandchild));
  });

  it("the end of its input takes a tied child's descendants along", async () => {
    const family = spawnTied("sh", ["-c", "sleep 60 & echo $!; wait"], { run, label: "orphans" });
    const [line] = (await once(family.stdout, "data")) as [Buffer];
    const grandchild = identify(Number(line.toString()))!;
    family.child.stdin!.end();
    await eventually("the grandchild is gone", () => !isRunning(grandchild));
  });

  it("reports a missing program", async () => {
    const nothing = spawnTied("/nowhere/at-all", [], { run, label: "nothing", watchesStdin: true });
    expect(await nothing.exited.then(String, String)).to.contain("ENOENT");
  });
});
