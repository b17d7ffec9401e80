/** The emulator listens on loopback only and exits with its parent. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { startEmulator } from "../../aws/emulator.ts";
import { startAws } from "../../aws/index.ts";
import { listenersOf } from "../../aws/listening.ts";
import { identify, isRunning, openRun } from "../../run/index.ts";
import type { Run } from "../../run/index.ts";
import { ensurePython } from "../../tools/index.ts";

describe("the AWS emulator", function () {
  this.timeout(120_000);
  let python: string;
  let run: Run;
  before(async () => {
    python = await ensurePython((line) => console.log(line));
    run = await openRun("emulator-test");
  });
  after(() => run?.close());

  it("starts with its gateways within two seconds, listens on loopback only, and stops", async () => {
    const startedAt = Date.now();
    const aws = await startAws({ run, python, regions: ["eu-west-1", "eu-central-1"] });
    const seconds = (Date.now() - startedAt) / 1000;
    const own = listenersOf(process.pid);
    expect(own.length).to.be.at.least(3);
    for (const { address } of own) expect(address).to.equal("127.0.0.1");
    const { port } = new URL(aws.endpoint("eu-west-1"));
    expect(aws.endpoint("us-east-1"), "the region of the global control planes").to.equal(aws.globalEndpoint);
    await aws.stop();
    await aws.stop();
    expect(listenersOf(process.pid).map((listener) => listener.port)).not.to.include(Number(port));
    expect(seconds).to.be.below(2);
  });

  it("reports the cause if it cannot start", async () => {
    try {
      await startEmulator({ run, python: "/bin/false", accountId: "123456789012", defaultRegion: "us-east-1" });
    } catch (error) {
      return expect(String(error)).to.contain("AWS emulator exited (status 1)");
    }
    throw new Error("it started");
  });

  it("ends when the process that started it is killed", async () => {
    const program = `
      const { openRun } = await import(${JSON.stringify(new URL("../../run/index.ts", import.meta.url).href)});
      const { startEmulator } = await import(${JSON.stringify(new URL("../../aws/emulator.ts", import.meta.url).href)});
      const run = await openRun("emulator-killed");
      const options = { run, python: process.argv[1], accountId: "123456789012", defaultRegion: "us-east-1" };
      console.log((await startEmulator(options)).pid);
      setInterval(() => undefined, 1000);
    `;
    const args = ["--import", "tsx", "--input-type=module", "--eval", program, python];
    const parent = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const line = await new Promise<string>((resolve) =>
      createInterface({ input: parent.stdout }).once("line", resolve),
    );
    const emulator = identify(Number(line));
    expect(emulator && isRunning(emulator)).to.equal(true);
    parent.kill("SIGKILL");
    for (let tries = 0; emulator && isRunning(emulator) && tries < 100; tries++) await sleep(20);
    expect(emulator && isRunning(emulator)).to.equal(false);
  });
});
