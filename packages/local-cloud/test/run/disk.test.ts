import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { DiskFull, explainDiskFull, freeBytes, requireRoom, watchDisk } from "../../run/disk.ts";

const mebibytes = (count: number) => () => count * 1024 * 1024;
const need = {
  path: "/data",
  mebibytes: 300,
  what: "clusters and databases",
  remedy: "set TMPDIR to another directory",
};

describe("a full disk", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "disk-test-"));
    mkdirSync(join(directory, "logs"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it("is reported before anything starts, with available and required space and the remedy", () => {
    expect(() => requireRoom(need, mebibytes(299))).to.throw(
      DiskFull,
      "disk full: /data has 299 MiB free, but 300 MiB are needed for clusters and databases; free some, or set TMPDIR to another directory",
    );
    requireRoom(need, mebibytes(300));
  });

  it("is looked up where a folder will be", () => {
    expect(freeBytes(join(directory, "not/there/yet"))).to.be.above(0);
    expect(() => requireRoom({ ...need, path: directory, mebibytes: 1e12 })).to.throw(DiskFull, /has \d+ MiB free/);
  });

  const panic = "panic: failed to create WAL: write wal.tmp: no space left on device\n\ngoroutine 1 [running]:\n";
  for (const [what, error, log, free] of [
    ["by the error's message", new Error("ENOSPC: no space left on device, write"), "", 900],
    ["by its cause", new Error("update failed", { cause: new Error("ENOSPC") }), "", 900],
    [
      "by a panic in the log of what ended",
      new Error("the cluster ended (status 2)"),
      panic + "at x.go:1\n".repeat(200),
      900,
    ],
    ["where a log stayed empty, as nothing is free", new Error("the cluster ended (status 2)"), "", 0],
  ] as const) {
    it(`is recognized ${what}`, () => {
      writeFileSync(join(directory, "logs", "cluster-primary.log"), log);
      const explained = explainDiskFull(error, directory, mebibytes(free));
      expect(explained).to.be.instanceOf(DiskFull);
      expect((explained as Error).message).to.match(
        new RegExp(
          `^disk full: no space left for ${directory} \\(${free} MiB free now\\); free some, .*TMPDIR to another directory$`,
        ),
      );
      expect((explained as Error).cause).to.equal(error);
    });
  }

  it("is not blamed for anything else", () => {
    writeFileSync(join(directory, "logs", "aws-emulator.log"), "Traceback: KeyError\n");
    const error = new Error("AWS emulator exited (status 1)");
    expect(explainDiskFull(error, directory, mebibytes(900))).to.equal(error);
    expect(explainDiskFull(error, join(directory, "gone"), mebibytes(900))).to.equal(error);
  });

  it("is noticed while a run lasts", async () => {
    let left = 900;
    const watch = watchDisk(directory, () => left * 1024 * 1024);
    const first = await Promise.race([watch.full.catch(String), sleep(600, "goes on")]);
    expect(first).to.equal("goes on");
    left = 1;
    expect(await watch.full.catch(String)).to.match(/^DiskFull: disk full: no space left/);
    watch.stop();
  });
});
