import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { run } from "../../tools/command.ts";
import { downloadPulumi } from "../../tools/download.ts";

describe("download of Pulumi", function () {
  this.timeout(20_000);
  let folder: string;
  let server: Server;
  let lines: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "download-test-"));
    lines = [];
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const download = async (answer: RequestListener): Promise<boolean> => {
    server = createServer(answer).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return downloadPulumi("v3.220.0", join(folder, "bin"), (line) => lines.push(line), base);
  };

  it("unpacks the release for this machine", async () => {
    mkdirSync(join(folder, "pulumi"));
    writeFileSync(join(folder, "pulumi/pulumi"), "#!/bin/sh\necho hello\n");
    chmodSync(join(folder, "pulumi/pulumi"), 0o755);
    await run("tar", ["-czf", "release.tar.gz", "pulumi"], { cwd: folder, limitSeconds: 10 });
    let asked = "";
    const release = readFileSync(join(folder, "release.tar.gz"));
    const done = await download((request, response) => {
      asked = request.url ?? "";
      response.end(release);
    });
    expect([done, asked]).to.deep.equal([true, `/pulumi-v3.220.0-linux-${process.arch}.tar.gz`]);
    expect(await run(join(folder, "bin/pulumi"), [], { limitSeconds: 10 })).to.equal("hello\n");
  });

  it("gives up where there is no such release", async () => {
    expect(await download((_, response) => response.writeHead(404).end())).to.equal(false);
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it("gives up soon where nobody answers", async () => {
    const began = Date.now();
    expect(await download(() => undefined)).to.equal(false);
    expect(Date.now() - began).to.be.within(3_500, 6_000);
  });

  it("leaves nothing of a release that breaks off, and says so", async () => {
    const done = await download((_, response) => {
      response.writeHead(200, { "content-length": "1000" }).write("half");
      setTimeout(() => response.destroy(), 50);
    });
    expect([done, existsSync(join(folder, "bin"))]).to.deep.equal([false, false]);
    expect(lines.join()).to.contain("will be built");
  });
});

describe("commands", function () {
  this.timeout(10_000);

  it("end at their time limit, with all that they started", async () => {
    const error = await run("sh", ["-c", "echo begun >&2; sleep 31415 & wait"], { limitSeconds: 1 }).then(
      String,
      String,
    );
    expect(error).to.contain("took longer than 1 s").and.to.contain("begun");
    const left = readdirSync("/proc").filter(
      (pid) => /^\d+$/.test(pid) && commandLine(pid).includes("sleep\0" + "31415"),
    );
    expect(left).to.deep.equal([]);
  });

  it("fail with what they said", async () => {
    const error = await run("sh", ["-c", "echo oh dear >&2; exit 4"], { limitSeconds: 5 }).then(String, String);
    expect(error).to.contain("ended with status 4").and.to.contain("oh dear");
  });

  it("get the environment on top of ours", async () => {
    const output = await run("sh", ["-c", "echo $ADDED $HOME"], { limitSeconds: 5, env: { ADDED: "x" } });
    expect(output).to.equal(`x ${process.env["HOME"]}\n`);
  });
});

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
