import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { startCluster } from "../../cluster/index.ts";
import { openRun } from "../../run/index.ts";
import type { Run } from "../../run/index.ts";
import { clusterModule, kubernetesFlags, officialCluster, variables, versions } from "../../tools/cluster.ts";
import { buildGo } from "../../tools/go.ts";
import { cached, ensureCluster } from "../../tools/index.ts";
import { controlPlanePrograms } from "../../tools/releases.ts";
import { archive, digestOf, ReleaseSite } from "../tools/release-site.ts";
import { Api, pod, pods } from "./api.ts";
import type { KubernetesObject } from "./api.ts";
import { shell, writeShell } from "./images.ts";

/** Folder with the official programs: downloaded where that is possible, else built from the same sources. */
async function officialPrograms(): Promise<string> {
  const used = dirname(await ensureCluster(console.log));
  if (existsSync(join(used, "kube-apiserver"))) return used;
  const facts = [JSON.stringify([versions(), kubernetesFlags])];
  return cached(
    {
      name: "control-plane-of-tests",
      task: "building the programs of a control plane",
      estimate: "about 1 min",
      mebibytes: 500,
      inputs: { root: clusterModule, files: ["go.mod", "go.sum"], facts },
      make: async (target) => {
        for (const name of controlPlanePrograms.filter((name) => name !== "etcd")) {
          const program = { package: `k8s.io/kubernetes/cmd/${name}`, variables: variables(), flags: kubernetesFlags };
          await buildGo({ module: clusterModule, ...program }, join(target, name), console.log);
        }
        // etcd's command needs more modules than its server
        for (const file of ["go.mod", "go.sum"]) cpSync(join(clusterModule, file), join(target, file));
        const flags = ["-mod=mod", `-modfile=${join(target, "go.mod")}`];
        const etcd = { package: "go.etcd.io/etcd/server/v3", variables: {}, flags };
        await buildGo({ module: clusterModule, ...etcd }, join(target, "etcd"), console.log);
      },
    },
    console.log,
  );
}

describe("a cluster with the official control plane", function () {
  this.timeout(60_000);
  let folder: string;
  let site: ReleaseSite;
  let binary: string;
  let run: Run;
  const lines: string[] = [];
  const cacheBefore = process.env["LOCAL_CLOUD_CACHE"];

  before(async function () {
    this.timeout(1_800_000); // the first time on a machine its programs must be built
    const programs = await officialPrograms();
    folder = mkdtempSync(join(tmpdir(), "official-test-"));
    site = await ReleaseSite.open();
    publish(site, programs);
    process.env["LOCAL_CLOUD_CACHE"] = join(folder, "cache");
    binary = await ensureCluster((line) => lines.push(line), { sites: site.sites });
    run = await openRun("official-test");
  });
  after(async () => {
    if (cacheBefore === undefined) delete process.env["LOCAL_CLOUD_CACHE"];
    else process.env["LOCAL_CLOUD_CACHE"] = cacheBefore;
    await run.close();
    site.close();
    rmSync(folder, { recursive: true });
  });

  it("builds the nodes only, and keeps the programs beside them", async () => {
    expect(readdirSync(dirname(binary))).to.deep.equal(["cluster", ...controlPlanePrograms]);
    expect(lines.join("\n")).to.match(/downloading the Kubernetes control plane: done/);
    expect(lines.join("\n")).not.to.contain("building the Kubernetes control plane");
    const asked = site.asked.length;
    expect(await ensureCluster((line) => lines.push(line), { sites: site.sites })).to.equal(binary);
    expect(site.asked).to.have.length(asked);
  });

  it("runs pods, shows their logs, and ends at once and whole", async () => {
    const imagesDir = join(run.directory, "images");
    writeShell(imagesDir);
    const cluster = await startCluster({ run, binary, name: "primary", imagesDir });
    expect(processesOf(dirname(binary))).to.have.length(1 + controlPlanePrograms.length);
    const api = new Api(cluster);
    await api.create(pods, pod("hello", shell, { args: ["echo hello from $HOSTNAME"] }, { restartPolicy: "Never" }));
    await api.until(`${pods}/hello`, (o: KubernetesObject) => o["status"].phase === "Succeeded");
    expect(await api.log("hello")).to.equal("hello from hello\n");
    await cluster.kill();
    expect(await without(dirname(binary))).to.deep.equal([]);
  });

  it("ends when one of its programs does, and its log names the program", async () => {
    const cluster = await startCluster({ run, binary, name: "alternate", imagesDir: join(run.directory, "images") });
    const etcd = processesOf(join(dirname(binary), "etcd"));
    expect(etcd).to.have.length(1);
    process.kill(Number(etcd[0]), "SIGKILL");
    expect(await without(dirname(binary))).to.deep.equal([]);
    expect(readFileSync(join(run.directory, "logs/cluster-alternate.log"), "utf8")).to.match(/etcd.*signal: killed/);
    await cluster.kill();
  });

  it("is none where one of its programs is forged: then everything is built", async () => {
    const scheduler = [...site.files.keys()].find((path) => path.endsWith("/kube-scheduler")) ?? "";
    site.files.set(scheduler, "forged");
    process.env["LOCAL_CLOUD_CACHE"] = join(folder, "another");
    const told: string[] = [];
    expect(await officialCluster((line) => told.push(line), { sites: site.sites })).to.equal(undefined);
    expect(told.at(-1)).to.match(
      /the download of Kubernetes failed, so it will be built \(.*kube-scheduler has SHA-256/,
    );
    expect(readdirSync(join(folder, "another"))).to.deep.equal([]);
  });
});

function publish(site: ReleaseSite, programs: string): void {
  const { kubernetes, etcd } = versions();
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const content = (name: string): Buffer => readFileSync(join(programs, name));
  for (const name of controlPlanePrograms.filter((name) => name !== "etcd")) {
    const path = `/release/${kubernetes}/bin/linux/${architecture}/${name}`;
    site.files.set(path, content(name)).set(`${path}.sha256`, digestOf(content(name)));
  }
  const name = `etcd-${etcd}-linux-${architecture}`;
  const packed = archive(name, { etcd: content("etcd") });
  const path = `/github/etcd-io/etcd/releases/download/${etcd}`;
  site.files.set(`${path}/${name}.tar.gz`, packed);
  site.files.set(`${path}/SHA256SUMS`, `${digestOf(packed)}  ${name}.tar.gz\n`);
}

/** Processes whose program has a path that begins so. */
const processesOf = (path: string): string[] =>
  readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith(path);
    } catch {
      return false; // ended in between
    }
  });

/** Waits until no such process is left; what is left after 5 s. */
async function without(path: string): Promise<string[]> {
  for (let tries = 0; tries < 100 && processesOf(path).length > 0; tries++) await sleep(50);
  return processesOf(path);
}
