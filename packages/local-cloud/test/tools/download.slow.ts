import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { run } from "../../tools/command.ts";
import { controlPlanePrograms, downloadControlPlane, downloadPulumi, findControlPlane } from "../../tools/releases.ts";
import { archive, digestOf, ReleaseSite } from "./release-site.ts";

/** Short ones, so that each way of giving up can be waited for. */
const limits = {
  answerMilliseconds: 1_000,
  stallMilliseconds: 500,
  totalMilliseconds: 5_000,
  judgeMilliseconds: 300,
};

const hello = "#!/bin/sh\necho hello\n";

describe("download of Pulumi", function () {
  this.timeout(20_000);
  let folder: string;
  let site: ReleaseSite;
  let lines: string[];
  let shares: number[];
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "download-test-"));
    lines = [];
    shares = [];
    site = await ReleaseSite.open();
  });
  afterEach(() => {
    site.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const file = `pulumi-v3.220.0-linux-${process.arch}.tar.gz`;
  const checksums = "/github/pulumi/pulumi/releases/download/v3.220.0/pulumi-3.220.0-checksums.txt";
  const release = archive("pulumi", { pulumi: hello });
  const download = (options = {}): Promise<boolean> =>
    downloadPulumi(
      "v3.220.0",
      join(folder, "bin"),
      (line) => lines.push(line),
      (share) => shares.push(share),
      {
        sites: site.sites,
        ...options,
      },
    );
  const publish = (content: Parameters<typeof site.files.set>[1] = release, digest = digestOf(release)): void => {
    site.files.set(`/sdk/${file}`, content).set(checksums, `${digestOf("other")}  other.tar.gz\n${digest}  ${file}\n`);
  };

  it("unpacks the release for this machine", async () => {
    publish();
    expect([await download(), site.asked]).to.deep.equal([true, [checksums, `/sdk/${file}`]]);
    expect(await run(join(folder, "bin/pulumi"), [], { limitSeconds: 10 })).to.equal("hello\n");
    expect([shares.at(-1), readdirSync(folder)]).to.deep.equal([1, ["bin"]]);
  });

  it("gives up where there is no such release", async () => {
    expect(await download()).to.equal(false);
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it("gives up soon where nobody answers", async () => {
    site.files.set(checksums, () => undefined);
    const began = Date.now();
    expect(await download()).to.equal(false);
    expect(Date.now() - began).to.be.within(3_500, 6_000);
  });

  it("gives up where nothing listens, at once", async () => {
    site.close();
    const began = Date.now();
    expect(await download()).to.equal(false);
    expect(Date.now() - began).to.be.below(2_000);
  });

  const faults: Record<string, { publish: () => void; reason: RegExp }> = {
    "breaks off": {
      publish: () =>
        publish((_, response) => {
          response.writeHead(200, { "content-length": "1000" }).write("half");
          setTimeout(() => response.destroy(), 50);
        }),
      reason: /will be built \(.*: (other side closed|terminated)/,
    },
    "ends too early without a given length": {
      publish: () => publish((_, response) => response.end(release.subarray(0, 100))),
      reason: /will be built \(.*has SHA-256 [0-9a-f]{64}, but [0-9a-f]{64} is published/,
    },
    "is another one than was published": {
      publish: () => publish(archive("pulumi", { pulumi: "#!/bin/sh\necho forged\n" })),
      reason: /has SHA-256 [0-9a-f]{64}, but [0-9a-f]{64} is published/,
    },
    "is gone": {
      publish: () => publish((_, response) => response.writeHead(404).end()),
      reason: /answered 404/,
    },
    "comes no further": {
      publish: () => publish((_, response) => response.writeHead(200, { "content-length": "1000" }).write("half")),
      reason: /nothing came for 0.5 s/,
    },
    "comes too slowly": {
      publish: () =>
        publish((_, response) => {
          response.writeHead(200, { "content-length": "1000" });
          const timer = setInterval(() => response.write("x"), 50);
          response.on("close", () => clearInterval(timer));
        }),
      reason: /would take \d+ s/,
    },
  };
  for (const [what, fault] of Object.entries(faults)) {
    it(`leaves nothing of a release that ${what}, and says so soon`, async () => {
      fault.publish();
      const began = Date.now();
      expect([await download({ limits }), readdirSync(folder)]).to.deep.equal([false, []]);
      expect(lines.join()).to.match(fault.reason).and.to.contain("will be built");
      expect(Date.now() - began).to.be.below(3_000);
    });
  }

  it("takes no release without its own checksum", async () => {
    publish(release, "not a digest");
    expect([await download(), site.asked]).to.deep.equal([false, [checksums]]);
  });
});

describe("download of a control plane", function () {
  this.timeout(20_000);
  let folder: string;
  let site: ReleaseSite;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "download-test-"));
    site = await ReleaseSite.open();
    publish();
  });
  afterEach(() => {
    site.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const versions = { kubernetes: "v1.37.2", etcd: "v3.7.0" };
  const architecture = { x64: "amd64", arm64: "arm64" }[process.arch as "x64" | "arm64"];
  const bin = `/release/v1.37.2/bin/linux/${architecture}`;
  const etcds = "/github/etcd-io/etcd/releases/download/v3.7.0";
  const publish = (program = hello): void => {
    for (const name of controlPlanePrograms.filter((name) => name !== "etcd"))
      site.files.set(`${bin}/${name}`, program).set(`${bin}/${name}.sha256`, digestOf(program));
    const name = `etcd-v3.7.0-linux-${architecture}`;
    const content = archive(name, { etcd: program, etcdctl: hello });
    site.files.set(`${etcds}/${name}.tar.gz`, content);
    site.files.set(`${etcds}/SHA256SUMS`, `${digestOf("")}  other\n${digestOf(content)}  ${name}.tar.gz\n`);
  };
  const options = (): { sites: ReleaseSite["sites"] } => ({ sites: site.sites });
  const get = async (reach: (share: number) => void = () => undefined): Promise<void> => {
    const found = await findControlPlane(versions, options());
    if (found === undefined) throw new Error("not found");
    await downloadControlPlane(found, folder, reach, limits);
  };

  it("has all programs and nothing else, ready to run", async () => {
    const shares: number[] = [];
    await get((share) => shares.push(share));
    expect(readdirSync(folder)).to.deep.equal(controlPlanePrograms);
    for (const name of controlPlanePrograms)
      expect(await run(join(folder, name), [], { limitSeconds: 10 })).to.equal("hello\n");
    expect(shares.at(-1)).to.equal(1);
    expect(shares).to.deep.equal([...shares].sort((a, b) => a - b));
  });

  it("is none where one of its checksums is missing", async () => {
    site.files.delete(`${etcds}/SHA256SUMS`);
    expect(await findControlPlane(versions, options())).to.equal(undefined);
  });

  it("is none where nobody answers, which is known within seconds", async () => {
    for (const path of site.files.keys()) site.files.set(path, () => undefined);
    const began = Date.now();
    expect(await findControlPlane(versions, options())).to.equal(undefined);
    expect(Date.now() - began).to.be.within(3_500, 6_000);
  });

  it("is refused with one forged program, and the other downloads end", async () => {
    site.files.set(`${bin}/kube-scheduler`, "forged");
    site.files.set(`${bin}/kube-apiserver`, (_, response) => {
      response.writeHead(200, { "content-length": "1000000" });
      const timer = setInterval(() => response.write("x".repeat(20_000)), 50); // in time, but for what?
      response.on("close", () => clearInterval(timer));
    });
    const began = Date.now();
    const error = await get().catch((problem: Error) => problem);
    expect(error).to.have.property("name", "NotDownloaded");
    expect(String(error)).to.match(/kube-scheduler has SHA-256/);
    expect(Date.now() - began).to.be.below(1_500);
    expect(existsSync(join(folder, "etcd"))).to.equal(false);
  });

  it("is refused where its programs do not run", async () => {
    publish("#!/no/such/interpreter\n");
    const error = await get().catch((problem: Error) => problem);
    expect(error).to.have.property("name", "NotDownloaded");
    expect(String(error)).to.contain("does not run");
    expect(readFileSync(join(folder, "etcd"), "utf8")).to.contain("interpreter");
  });
});
