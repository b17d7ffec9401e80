import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { identify, isRunning, openRun } from "../../run/index.ts";
import { cleanLeftovers } from "../../run/leftovers.ts";

describe("leftovers of dead runs", () => {
  let parent: string;
  const own = identify(process.pid)!;
  const folder = (owner: { pid: number; startTicks: number }): string => {
    const path = join(parent, `local-cloud.test.${owner.pid}.${owner.startTicks}.abc123`);
    mkdirSync(path);
    return path;
  };
  beforeEach(() => (parent = mkdtempSync(join(tmpdir(), "leftovers-test-"))));
  afterEach(() => rmSync(parent, { recursive: true, force: true }));

  it("removes the folder of an owner that is gone", async () => {
    const path = folder({ pid: 2 ** 22 + 1, startTicks: 1 }); // above the kernel's largest process id
    writeFileSync(join(path, "file"), "x");
    expect(await cleanLeftovers(parent)).to.deep.equal([path]);
    expect(existsSync(path)).to.equal(false);
  });

  it("identifies a process by its start time, since ids are reused", async () => {
    const path = folder({ pid: own.pid, startTicks: own.startTicks - 1 });
    await cleanLeftovers(parent);
    expect(existsSync(path)).to.equal(false);
  });

  it("leaves the folder of a living owner alone", async () => {
    const path = folder(own);
    expect(await cleanLeftovers(parent)).to.deep.equal([]);
    expect(existsSync(path)).to.equal(true);
  });

  it("leaves everything alone that is no run", async () => {
    const names = ["local-cloud.test", "local-cloud.test.1.x.abc", "other.test.1.1.abc123"];
    for (const name of names) mkdirSync(join(parent, name));
    await cleanLeftovers(parent);
    for (const name of names) expect(existsSync(join(parent, name)), name).to.equal(true);
  });

  it("never ends a process that merely has the id of one in the register", async () => {
    const path = folder({ pid: 2 ** 22 + 1, startTicks: 1 });
    const stranger = { pid: own.pid, startTicks: own.startTicks + 1, label: "stranger" };
    writeFileSync(join(path, "processes.jsonl"), `${JSON.stringify(stranger)}\n{"pid": 1, "star`);
    await cleanLeftovers(parent);
    expect(existsSync(path)).to.equal(false); // and this process is still running
  });

  it("refuses a name that it could not find again", async () => {
    const error = await openRun("Two Words", parent).then(String, String);
    expect(error).to.contain('run "Two Words"');
  });

  it("distinguishes running processes", () => {
    expect(isRunning(own)).to.equal(true);
    expect(isRunning({ ...own, startTicks: own.startTicks + 1 })).to.equal(false);
    expect(identify(2 ** 22 + 1)).to.equal(undefined);
  });
});
