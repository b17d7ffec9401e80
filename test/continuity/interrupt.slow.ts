import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

const pathOf = (file: string): string => fileURLToPath(new URL(`../../continuity/${file}`, import.meta.url));

/** Each program hangs until it is ended; a file tells that it runs. */
const hanging = (version: string): string => `#!/bin/sh
case "$*" in *version*) echo ${version}; exit ;; esac
touch "$STARTED"
exec sleep 300
`;

describe("Ctrl-C leaves nothing behind", function () {
  this.timeout(60_000);
  let directory: string;
  let env: NodeJS.ProcessEnv;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "continuity-interrupt-"));
    for (const name of ["tmp", "bin", "cache", "project"]) mkdirSync(join(directory, name));
    writeFileSync(join(directory, "project", "Pulumi.yaml"), "name: vapora-continuity\nruntime: nodejs\n");
    for (const [name, version] of [
      ["pulumi", "v3.270.0"],
      ["go", "go version go1.26.0 linux/amd64"],
    ] as const) {
      writeFileSync(join(directory, "bin", name), hanging(version));
      chmodSync(join(directory, "bin", name), 0o755);
    }
    env = {
      PATH: [join(directory, "bin"), "/usr/local/bin", "/usr/bin", "/bin"].join(":"),
      HOME: directory,
      TMPDIR: join(directory, "tmp"),
      VAPORA_CONTINUITY_CACHE: join(directory, "cache"),
      STARTED: join(directory, "started"),
    };
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const start = (...args: string[]) => {
    const child = spawn(process.execPath, args, { detached: true, stdio: ["ignore", "pipe", "ignore"], env });
    return { child, group: -(child.pid ?? 0), ended: once(child, "close") };
  };

  const until = async (what: string, holds: () => boolean): Promise<void> => {
    for (let tries = 0; tries < 4000; tries++) {
      if (holds()) return;
      await delay(5);
    }
    expect.fail(`not within 20 s: ${what}`);
  };

  const isRunning = (): boolean => readdirSync(directory).includes("started");

  /** Whatever has this test's folder in its environment, wherever its group is. */
  const processes = (): string[] =>
    readdirSync("/proc").filter((entry) => {
      if (!/^\d+$/.test(entry) || entry === String(process.pid)) return false;
      try {
        return execFileSync("cat", [`/proc/${entry}/environ`], { stdio: ["ignore", "pipe", "ignore"] })
          .toString()
          .includes(`STARTED=${directory}/`);
      } catch {
        return false; // over, or somebody else's
      }
    });

  for (const command of ["status", "failover"]) {
    for (const [moment, milliseconds, ofGroup] of [
      ["at once", 0, true],
      ["a little later", 60, true],
      ["and only its own process gets the signal", 60, false],
    ] as const) {
      it(`of ${command}, while the engine is asked, ${moment}`, async () => {
        const run = start(pathOf("main.ts"), command, "--stack", "dr", "--project", join(directory, "project"));
        await until("the engine runs", isRunning);
        await delay(milliseconds);
        process.kill(ofGroup ? run.group : -run.group, "SIGINT");
        expect(await run.ended).to.deep.equal([null, "SIGINT"]);
        await until("no process is left", () => processes().length === 0);
        expect(readdirSync(join(directory, "tmp"))).to.deep.equal([]);
      });
    }
  }

  it("of the drill, while its tools are prepared", async () => {
    const run = start(pathOf("main.ts"), "drill");
    await until("a tool is built", isRunning);
    process.kill(run.group, "SIGINT");
    const [status] = (await run.ended) as [number | null];
    expect(status).to.equal(130);
    await until("no process is left", () => processes().length === 0);
    expect(readdirSync(join(directory, "tmp"))).to.deep.equal([]);
    expect(readdirSync(join(directory, "cache"))).to.deep.equal([]);
  });

  it("of a preview: the copy of the settings goes, and the signal ends the process", async () => {
    const copy = join(directory, "copy");
    mkdirSync(copy);
    const script = `
      import { rmSync } from "node:fs";
      import { onInterrupt } from ${JSON.stringify(pathOf("interrupt.ts"))};
      onInterrupt(() => rmSync(${JSON.stringify(copy)}, { recursive: true }));
      setInterval(() => {}, 1000);
      console.log("ready");`;
    const run = start("--input-type=module", "-e", script);
    await once(run.child.stdout, "data");
    process.kill(run.group, "SIGINT");
    expect(await run.ended).to.deep.equal([null, "SIGINT"]);
    expect(readdirSync(directory)).not.to.include("copy");
  });
});
