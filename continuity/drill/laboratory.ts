import { S3Client } from "@aws-sdk/client-s3";
import type { Plan } from "../../plan/index.ts";
import { kubernetesNames, type SiteName } from "../../plan/names.ts";
import { guardDeadPort, type DeadPort } from "../../local/dead-port.ts";
import { seed, startLoad, type Acknowledged, type LedgerEntry, type Load } from "../../local/load/index.ts";
import { SiteAddresses } from "../../local/site-addresses.ts";
import { stackOf, startLocalStack, type LocalStack } from "../../local/stack.ts";
import { replicatorAgent } from "../../local/aws/index.ts";
import { startTraffic, type Traffic } from "../../local/traffic/index.ts";
import type { FailoverContext } from "../failover/index.ts";
import { verifiedPoints } from "../failover/checks.ts";
import { finishedJob, startJobFrom } from "../kubernetes-jobs.ts";
import { Kubernetes } from "../kubernetes.ts";
import { inPhase, type Progress } from "../progress.ts";
import { askSite } from "../site-http.ts";
import { ManagedStack } from "../stacks.ts";
import { poll } from "../within.ts";
import { faults, type DrillOptions } from "./options.ts";
import type { ExportRun, Observations } from "./observations.ts";
import type { Recorder } from "./recorder.ts";

/** Seconds that any one step of the drill's own may take before the drill gives up. */
const patienceSeconds = 120;
const writesPerSecond = 20;

export interface NamedExportRun extends ExportRun {
  slot: string;
}

/** The two regions of a drill, and everything that is done to them. */
export class Laboratory {
  readonly #plan: Plan;
  readonly #progress: Progress;
  readonly #recorder: Recorder;
  readonly #local: LocalStack;
  readonly #stacks: Record<SiteName, ManagedStack>;
  readonly #addresses: SiteAddresses;
  #traffic: Traffic | undefined;
  #deadCluster: DeadPort | undefined;
  #seeded: readonly Acknowledged[] = [];

  private constructor(
    plan: Plan,
    progress: Progress,
    recorder: Recorder,
    local: LocalStack,
    stacks: Record<SiteName, ManagedStack>,
  ) {
    this.#plan = plan;
    this.#progress = progress;
    this.#recorder = recorder;
    this.#local = local;
    this.#stacks = stacks;
    this.#addresses = new SiteAddresses(local.clusters);
  }

  static async open(plan: Plan, options: DrillOptions, progress: Progress, recorder: Recorder): Promise<Laboratory> {
    return inPhase(progress, "Starting two regions", async (phase) => {
      const local = await startLocalStack({
        progress: (line) => phase.awaiting(line),
        ...(options.fault && { databaseFaults: faults[options.fault] }),
        ...(options.plan !== undefined && { config: { planFile: options.plan } }),
      });
      const open = (site: SiteName): Promise<ManagedStack> =>
        ManagedStack.createOrSelect({
          projectDirectory: local.project.directory,
          stack: stackOf[site],
          env: local.project.env,
          policyPack: local.project.policyPack,
          pulumiRoot: local.project.pulumiRoot,
        });
      try {
        const [primary, alternate] = await Promise.all([open("primary"), open("alternate")]);
        return new Laboratory(plan, progress, recorder, local, { primary, alternate });
      } catch (error) {
        await local.stop();
        throw error;
      }
    });
  }

  get seeded(): readonly Acknowledged[] {
    return this.#seeded;
  }

  /** Both stacks at once: neither needs the other's state. */
  async deploy(): Promise<void> {
    const deploy = (site: SiteName): Promise<void> =>
      this.#recorded(site, `Deploy ${stackOf[site]}`, (phase) =>
        this.#stacks[site].up({ onResource: ({ urn }) => phase(urn.split("::").at(-1) ?? "") }),
      );
    await Promise.all([deploy("primary"), deploy("alternate")]);
  }

  async openTraffic(): Promise<void> {
    const { config } = this.#local.project;
    this.#traffic = await startTraffic({
      hostname: config.primary["publicHostname"] ?? "",
      records: () => this.#local.provider.resources(),
      siteAddress: (hostname) => this.#addresses.find(hostname),
      alarmEndpoint: (region) => this.#local.aws.endpoint(region),
      credentials: this.#local.aws.credentials,
    });
    await this.#recorded("traffic", "First answer through the traffic switch", () =>
      poll(
        "the service",
        async () => {
          const { status, body } = await this.#ask("/v1/status");
          if (status !== 200) throw new Error(`it answers ${status}`);
          if (body.site !== "primary" || body.ready !== true) throw new Error(`it says ${JSON.stringify(body)}`);
          return true;
        },
        { timeoutSeconds: patienceSeconds },
      ),
    );
  }

  async seed(rows: number): Promise<void> {
    const { url, hostname } = this.#entrance();
    this.#seeded = await seed(url, hostname, rows);
  }

  startLoad(): Load {
    const { url, hostname: host } = this.#entrance();
    return startLoad({
      url,
      host,
      ratePerSecond: writesPerSecond,
      requestTimeoutSeconds: 2,
      firstNumber: this.#seeded.length,
    });
  }

  /** Runs an export by its CronJob's template in the primary cluster, as its schedule would. */
  async runExport(kind: "full" | "changes"): Promise<NamedExportRun> {
    const kubernetes = this.#kubernetes("primary");
    const { namespace, exportJob, changeExportJob } = kubernetesNames;
    const cronJob = kind === "full" ? exportJob : changeExportJob;
    return this.#recorded("primary", kind === "full" ? "Full export" : "Change export", async () => {
      const name = await startJobFrom(kubernetes, namespace, cronJob, { suffix: `drill-${Date.now().toString(36)}` });
      const job = await finishedJob(kubernetes, namespace, name, patienceSeconds);
      const slot = job.result?.["slot"];
      if (!job.succeeded || typeof slot !== "string") throw new Error(`the ${kind} export failed: ${job.reason}`);
      return { slot, startDelaySeconds: job.startDelaySeconds, elapsedSeconds: job.elapsedSeconds };
    });
  }

  /** Waits until the alternate region has restored a recovery point from its own bucket and verified it. */
  async untilVerified(slot: string): Promise<void> {
    const s3 = new S3Client({ region: this.#local.regionOf("alternate"), ...this.#aws("alternate") });
    const { settings } = await this.failoverContext("alternate");
    try {
      await this.#recorded("alternate", `Restored and verified ${slot}`, () =>
        poll(
          `recovery point ${slot} in the alternate region`,
          async () => ((await verifiedPoints({ settings }, s3)).includes(slot) ? true : undefined),
          { timeoutSeconds: patienceSeconds },
        ),
      );
    } finally {
      s3.destroy();
    }
  }

  /** The region dies: unreachable, its cluster and pods killed, its storage gone. Returns the moment. */
  async loseRegion(site: SiteName): Promise<number> {
    const cluster = this.#local.clusters[site];
    const at = Date.now();
    this.#local.aws.cut(this.#local.regionOf(site));
    await cluster.kill();
    this.#deadCluster = await guardDeadPort(cluster.apiPort);
    this.#recorder.event({ lane: site, title: "Region lost", at });
    this.#progress.warn(`The ${site} region is gone: ${this.#local.regionOf(site)}`);
    return at;
  }

  async failoverContext(site: SiteName): Promise<FailoverContext> {
    const { project } = this.#local;
    const stack = this.#stacks[site];
    return {
      plan: this.#plan,
      stack,
      settings: stack.settingsFrom(project.config[site]),
      kubernetes: this.#kubernetes(site),
      progress: this.#progress,
      aws: this.#aws(site),
      resolve: await this.resolve(site),
    };
  }

  async readLedger(): Promise<LedgerEntry[]> {
    const pageSize = 5000;
    const { token } = (await this.#ask("/v1/session", { method: "POST", body: { user: "drill" } })).body;
    const entries: LedgerEntry[] = [];
    for (;;) {
      const from = (entries.at(-1)?.n ?? -1) + 1;
      const { status, body } = await this.#ask(`/v1/entries?from=${from}&limit=${pageSize}`, { token });
      if (status !== 200) throw new Error(`the ledger cannot be read: ${status} ${JSON.stringify(body)}`);
      entries.push(...body.entries);
      if (body.entries.length < pageSize) return entries;
    }
  }

  /** What the recovery called although it must not depend on it. */
  callsAfter(from: number | undefined, until = Date.now()): Observations["callsAfterCut"] {
    if (from === undefined) return { primaryRegion: [], globalControlPlanes: [], primaryCluster: [] };
    const [dead, alive] = [this.#local.regionOf("primary"), this.#local.regionOf("alternate")];
    // What stands for S3's own replication is AWS's business, not the recovery's.
    const late = this.#local.aws
      .calls()
      .filter(({ at, userAgent }) => at > from && at <= until && !userAgent?.includes(replicatorAgent));
    const named = (isMeant: (region: string) => boolean): string[] =>
      late.filter((call) => isMeant(call.region)).map((call) => `${call.service} ${call.operation}`);
    return {
      primaryRegion: named((region) => region === dead),
      globalControlPlanes: named((region) => region !== dead && region !== alive),
      primaryCluster: (this.#deadCluster?.attempts() ?? []).map(() => "connection to the primary cluster's API"),
    };
  }

  realTypes(): string[] {
    return this.#local.provider.realTypes();
  }

  recordedTypes(): string[] {
    return this.#local.provider.recordedTypes();
  }

  /** What a command needs to work on these stacks from a process of its own. */
  async commandLine(site: SiteName): Promise<{ directory: string; env: Record<string, string> }> {
    const { directory, env } = this.#local.project;
    const { endpoint, credentials } = this.#aws(site);
    const aws = {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    };
    return { directory, env: { ...env, ...aws } };
  }

  async role(site: SiteName): Promise<string> {
    return (await this.#stacks[site].settings()).role;
  }

  /** Settles at the next Ctrl-C, which then ends nothing by itself. */
  interrupted(): Promise<void> {
    return new Promise((resolve) => {
      this.#local.onInterrupt(() => {
        resolve();
        return new Promise(() => {}); // whoever waits for the interrupt stops everything
      });
    });
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#traffic?.stop(), this.#deadCluster?.close()]);
    await this.#local.stop();
  }

  async #recorded<T>(
    lane: "primary" | "alternate" | "traffic",
    title: string,
    work: (awaiting: (what: string) => void) => Promise<T>,
  ): Promise<T> {
    const at = Date.now();
    const record = (outcome: "done" | "failed"): void =>
      this.#recorder.event({ lane, title, at, endedAt: Date.now(), outcome });
    try {
      const result = await inPhase(this.#progress, title, (phase) => work((what) => phase.awaiting(what)));
      record("done");
      return result;
    } catch (error) {
      record("failed");
      throw error;
    }
  }

  #kubernetes(site: SiteName): Kubernetes {
    return new Kubernetes({ kubeconfig: this.#local.clusters[site].kubeconfig });
  }

  #aws(site: SiteName): { endpoint: string; credentials: LocalStack["aws"]["credentials"] } {
    return { endpoint: this.#local.aws.endpoint(this.#local.regionOf(site)), credentials: this.#local.aws.credentials };
  }

  #entrance(): { url: string; hostname: string } {
    if (!this.#traffic) throw new Error("no traffic before it was opened");
    return { url: this.#traffic.url, hostname: this.#local.project.config.primary["publicHostname"] ?? "" };
  }

  /** Where the public name and the site's own are found, as `--resolve` takes it. */
  async resolve(site: SiteName): Promise<Record<string, string>> {
    const { hostname, url } = this.#entrance();
    const key = site === "primary" ? "primaryHostname" : "alternateHostname";
    const siteHostname = this.#local.project.config[site][key] ?? "";
    return { [hostname]: url, [siteHostname]: (await this.#addresses.find(siteHostname)) ?? "http://127.0.0.1:9" };
  }

  #ask(path: string, options: { method?: string; token?: string; body?: unknown } = {}) {
    const { url, hostname } = this.#entrance();
    return askSite({ hostname, path, ...options, resolve: { [hostname]: url }, timeoutSeconds: 10 });
  }
}
