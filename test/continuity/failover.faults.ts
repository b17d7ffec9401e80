import type { KubeObject } from "./fake-cluster.ts";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, symlinkSync } from "node:fs";
import { createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { Laboratory } from "../../drill/laboratory/laboratory.ts";
import { readDrillOptions } from "../../drill/options.ts";
import { Recorder } from "../../drill/laboratory/recorder.ts";
import type { FailoverContext, FailoverResult } from "../../continuity/failover/index.ts";
import { leftoversAmong, markedProcesses, startedByVariable } from "../../continuity/processes.ts";
import { createProgress } from "../../continuity/progress.ts";
import { compareLedger, type Acknowledged } from "../../drill/load/index.ts";
import { bucketKeys, recoveryPointBucket } from "../../contract/index.ts";
import { Api } from "../../packages/local-cloud/test/cluster/api.ts";
import { examplePlan } from "../support/example-plan.ts";

const main = fileURLToPath(new URL("../../continuity/main.ts", import.meta.url));
const policies = fileURLToPath(new URL("../../policies", import.meta.url));
const plan = examplePlan();
const jobs = "/apis/batch/v1/namespaces/vapora/jobs";
const admission = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolic";
const rows = 50;

/** Forwards requests until told to hold them; held callers wait indefinitely. */
class Holder {
  readonly #server: Server;
  #held = false;

  private constructor(target: string | undefined, holds: () => boolean) {
    this.#server = createServer((incoming, outgoing) => {
      if (holds()) return void (this.#held = true);
      if (target === undefined) return void outgoing.writeHead(503).end();
      const { method = "GET", url = "/", headers } = incoming;
      const forwarded = httpRequest(new URL(url, target), { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      forwarded.on("error", () => outgoing.writeHead(502).end());
      return incoming.pipe(forwarded);
    });
  }

  static async start(target: string | undefined, holds: () => boolean): Promise<Holder> {
    const holder = new Holder(target, holds);
    await once(holder.#server.listen(0, "127.0.0.1"), "listening");
    return holder;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  readonly holds = (): boolean => this.#held;

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** The command as a process. */
class Run {
  readonly #process: ChildProcess;
  readonly ended: Promise<{ status: number | null; signal: string | null }>;
  stdout = "";
  stderr = "";

  constructor(env: Record<string, string>, ...options: string[]) {
    const words = [main, "failover", "--stack", "dr", "--yes", "--json", ...options];
    this.#process = spawn(process.execPath, words, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process.stdout?.on("data", (data) => (this.stdout += data));
    this.#process.stderr?.on("data", (data) => (this.stderr += data));
    this.ended = once(this.#process, "close").then(([status, signal]) => ({ status, signal }));
  }

  readonly says = (words: string) => (): boolean => this.stderr.includes(words);

  async killedWhen(reached: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await reached())) {
      if (this.#process.exitCode !== null) throw new Error(`it ended before it was killed:\n${this.stderr}`);
      await delay(5);
    }
    this.#process.kill("SIGKILL");
    expect(await this.ended).to.deep.equal({ status: null, signal: "SIGKILL" });
  }
}

/** `continuity failover` with a dead partner region, killed at each step and repeated. */
describe("a failover that is killed", function () {
  this.timeout(180_000);
  let lab: Laboratory;
  let context: FailoverContext;
  let acknowledged: readonly Acknowledged[];

  before(async () => {
    const progress = createProgress({ write: () => true });
    lab = await Laboratory.open(
      plan,
      readDrillOptions({ rows: `${rows}` }),
      progress,
      new Recorder("region-loss", rows),
    );
    await lab.deploy();
    await lab.openTraffic();
    await lab.users.seed(rows);
    const { slot } = await lab.runExport("full");
    await lab.untilVerified(slot);
    const load = lab.users.startLoad();
    await delay(500);
    await load.stop();
    acknowledged = [...lab.users.seeded, ...load.acknowledged];
    await lab.loseRegion("primary");
    context = await lab.failoverContext("alternate");
    await freeze("analytics");
    symlinkSync(policies, join(lab.commandLine("alternate").directory, "policies"));
  });
  after(() => lab?.close());

  /** An admission policy that freezes one service of the last tier. */
  async function freeze(service: string): Promise<void> {
    const base = { apiVersion: "admissionregistration.k8s.io/v1", metadata: { name: "freeze" } };
    const deployments = {
      apiGroups: ["apps"],
      apiVersions: ["v1"],
      operations: ["UPDATE"],
      resources: ["deployments"],
    };
    const rule = { expression: `object.metadata.name != "${service}"`, message: `${service} is frozen` };
    const spec = { matchConstraints: { resourceRules: [deployments] }, validations: [rule] };
    const use = { policyName: "freeze", validationActions: ["Deny"] };
    await api().create(`${admission}ies`, { ...base, kind: "ValidatingAdmissionPolicy", spec });
    await api().create(`${admission}ybindings`, { ...base, kind: "ValidatingAdmissionPolicyBinding", spec: use });
  }

  const api = (): Api => new Api({ kubeconfig: context.settings.kubeconfig ?? "" });

  const failover = (resolve: Record<string, string> = {}, env: Record<string, string> = {}): Run => {
    const command = lab.commandLine("alternate");
    const hosts = Object.entries({ ...context.resolve, ...resolve }).map(([host, url]) => `${host}=${url}`);
    return new Run({ ...command.env, ...env }, "--project", command.directory, "--resolve", ...hosts);
  };

  const locks = (): string[] => {
    const state = fileURLToPath(lab.commandLine("alternate").env["PULUMI_BACKEND_URL"] ?? "");
    const files = readdirSync(join(state, ".pulumi", "locks"), { recursive: true, encoding: "utf8" });
    return files.filter((file) => file.includes("/dr/") && file.endsWith(".json"));
  };

  const promoting = async (): Promise<boolean> => {
    const { items }: KubeObject = await context.kubernetes.get(jobs);
    return items.some(
      ({ metadata, status }: KubeObject) => /^standby-promote-/.test(metadata.name) && status.active > 0,
    );
  };

  const held = async (target: string | undefined, word: string, start: (url: string) => Run): Promise<void> => {
    let run: Run | undefined = undefined as Run | undefined;
    const holder = await Holder.start(target, () => run?.says(word)() === true);
    try {
      run = start(holder.url);
      await run.killedWhen(holder.holds);
    } finally {
      holder.stop();
    }
  };

  const urlOf = (hostname: string): string | undefined => context.resolve?.[hostname];

  it("during the pre-checks", async () => {
    const run = failover();
    await run.killedWhen(run.says("Pre-checks ..."));
    expect(await lab.role("alternate")).to.equal("standby");
  });

  it("while the continuous sync is to yield", async () => {
    const run = failover();
    await run.killedWhen(run.says("Last import ..."));
  });

  it("in the promotion", () => failover().killedWhen(promoting));

  it("during the update, leaving its lock", async () => {
    for (let tries = 0; tries < 100 && enginesLeft().length > 0; tries++) await delay(100);
    const before = new Set(locks());
    await failover().killedWhen(() => locks().some((lock) => !before.has(lock)));
  });

  it("during the site check", () => {
    const { siteHostname } = context.settings;
    return held(urlOf(siteHostname), "Site check ...", (url) => failover({ [siteHostname]: url }));
  });

  it("during the traffic switch", () =>
    held(undefined, "Traffic switch ...", (url) => failover({}, { AWS_ENDPOINT_URL_CLOUDWATCH: url })));

  it("during the verification", () => {
    const { publicHostname } = context.settings;
    return held(urlOf(publicHostname), "Verification ...", (url) => failover({ [publicHostname]: url }));
  });

  it("moves tier 1 when repeated, although the cluster rejects a service of the last tier", async () => {
    const run = failover();
    const { status } = await run.ended;
    expect(status, run.stderr).to.equal(1);
    const result = JSON.parse(run.stdout) as FailoverResult;
    const everybody = plan.tiers.flatMap(({ services }) => services.map(({ id }) => id));
    expect(Object.keys(result.servicesUp)).to.have.members(everybody.filter((id) => id !== "analytics"));
    expect(result.incomplete.join("\n")).to.match(/analytics is not up: .*\n.*analytics is frozen/s);
    expect(result.warnings.join("\n")).to.match(/will be incomplete.*analytics is frozen/);
  });

  it("completes when that is fixed and it is repeated", async () => {
    await api().ask("DELETE", `${admission}ybindings/freeze`);
    await delay(1500); // the API server reloads its policies every second
    const run = failover();
    const { status } = await run.ended;
    expect(status, run.stderr).to.equal(0);
    expect((JSON.parse(run.stdout) as FailoverResult).incomplete).to.deep.equal([]);
  });

  it("has lost nothing acknowledged before the recovery point, and has one writer", async () => {
    const entries = await lab.users.readLedger();
    const { lostAcknowledged, duplicates, altered } = compareLedger({ acknowledged, entries });
    expect(lostAcknowledged.filter(({ n }) => n < rows)).to.deep.equal([]);
    expect([duplicates, altered]).to.deep.equal([[], []]);
    const s3 = new S3Client({ region: "eu-central-1", ...context.aws });
    const Bucket = recoveryPointBucket(context.settings.topology, "alternate");
    const record = await s3.send(new GetObjectCommand({ Bucket, Key: bucketKeys.writer }));
    expect(JSON.parse((await record.Body?.transformToString()) ?? "")).to.include({ site: "alternate" });
    s3.destroy();
  });

  it("leaves no lock, engine or program processes behind", async () => {
    expect(locks()).to.deep.equal([]);
    expect(enginesLeft()).to.deep.equal([]);
    expect(leftoversAmong(markedProcesses())).to.deep.equal([]);
  });

  /** Engines started by the killed commands, by command line. */
  function enginesLeft(): string[] {
    const backend = `PULUMI_BACKEND_URL=${lab.commandLine("alternate").env["PULUMI_BACKEND_URL"]}`;
    return readdirSync("/proc").flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        const ours =
          environment.includes(backend) && environment.some((line) => line.startsWith(`${startedByVariable}=`));
        return ours && /pulumi (up|preview)/.test(command) ? [command] : [];
      } catch {
        return []; // ended, or another user's
      }
    });
  }
});
