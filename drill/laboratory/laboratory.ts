import { S3Client } from "@aws-sdk/client-s3";
import type { Plan } from "../../plan/index.ts";
import { isVerified, objectsIn } from "../../jobs/index.ts";
import { kubernetesNames, recoveryPointBucket, type SiteName, type StackPart } from "../../contract/index.ts";
import { guardDeadPort, type DeadPort } from "@vapora-continuity/local-cloud/run";
import { refuseMissingImages } from "./missing-images.ts";
import { SiteAddresses } from "./site-addresses.ts";
import { stackOf, startLocalStack, type LocalStack, type LocalStackOptions } from "./local-stack.ts";
import type { FailoverContext } from "../../continuity/failover/index.ts";
import { finishedJob, startJobFrom } from "../../continuity/kubernetes-jobs.ts";
import { Kubernetes } from "../../continuity/kubernetes.ts";
import { inPhase, type Progress } from "../../continuity/progress.ts";
import { ManagedStack } from "../../continuity/stacks.ts";
import { poll } from "../../continuity/within.ts";
import { forbiddenCalls } from "./forbidden-calls.ts";
import { faults } from "../faults.ts";
import type { DrillOptions } from "../options.ts";
import type { ExportRun, Observations } from "../report/observations.ts";
import type { Recorder } from "./recorder.ts";
import { Users } from "./users.ts";

/** Time limit of each step of the drill, in seconds; imports of more rows may take longer. */
const patienceFor = (rows: number): number => 120 + rows / 1000;

/** Disk space of a run in MiB: 270 were in use with 10,000 rows, 360 with 100,000. */
const roomFor = (rows: number): number => 300 + Math.ceil(rows / 1000);

export interface NamedExportRun extends ExportRun {
  slot: string;
}

type Stacks = Readonly<Record<StackPart, ManagedStack>>;

/** The two regions of a drill and the operations on them. */
export class Laboratory {
  readonly #plan: Plan;
  readonly #progress: Progress;
  readonly #recorder: Recorder;
  readonly #local: LocalStack;
  readonly #stacks: Stacks;
  readonly #addresses: SiteAddresses;
  readonly #patienceSeconds: number;
  #users: Users | undefined;
  #deadCluster: DeadPort | undefined;

  private constructor(
    plan: Plan,
    rows: number,
    progress: Progress,
    recorder: Recorder,
    local: LocalStack,
    stacks: Stacks,
  ) {
    this.#plan = plan;
    this.#patienceSeconds = patienceFor(rows);
    this.#progress = progress;
    this.#recorder = recorder;
    this.#local = local;
    this.#stacks = stacks;
    this.#addresses = new SiteAddresses(local.clusters, local.namespace);
  }

  static open(
    plan: Plan,
    options: DrillOptions,
    progress: Progress,
    recorder: Recorder,
    cloud: Pick<LocalStackOptions, "propagationSeconds"> = {},
  ): Promise<Laboratory> {
    return inPhase(progress, "Starting two regions", async (phase) => {
      const local = await startLocalStack({
        ...cloud,
        mebibytes: roomFor(options.rows),
        progress: Object.assign(
          (line: string) => (line.startsWith("starting") ? phase.awaiting(line) : progress.note(line)),
          { moving: (line: string) => phase.awaiting(line, 30) },
        ),
        ...(options.fault && { databaseFaults: faults[options.fault] }),
        ...(options.plan !== undefined && { config: { planFile: options.plan } }),
      });
      recorder.begin(local.preparation);
      try {
        return new Laboratory(plan, options.rows, progress, recorder, local, await openStacks(local));
      } catch (error) {
        await local.stop();
        throw error;
      }
    });
  }

  /** Users that read and write through the public name. */
  get users(): Users {
    if (!this.#users) throw new Error("no users before traffic was opened");
    return this.#users;
  }

  /** Deploys what both sites share, then both sites concurrently; no stack reads another's state. */
  async deploy(): Promise<void> {
    await this.deployStack("shared");
    await Promise.all([this.deployStack("primary"), this.deployStack("alternate")]);
  }

  /** Updates one stack to its program and configuration. Returns the engine's output. */
  async deployStack(part: StackPart): Promise<string> {
    const output: string[] = [];
    await this.#recorder.act(this.#progress, part, `Deploy ${stackOf[part]}`, (awaiting) => {
      const up = (signal?: AbortSignal): Promise<void> =>
        this.#stacks[part].up({
          onAwaiting: awaiting,
          onOutput: (text) => output.push(text),
          ...(signal && { signal }),
        });
      return part === "shared" ? up() : this.#withItsImages(part, up);
    });
    return output.join("");
  }

  /** Ends the work as soon as a pod waits for an image that the local stack does not have. */
  async #withItsImages(site: SiteName, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const abort = new AbortController();
    try {
      await Promise.race([work(abort.signal), refuseMissingImages(this.#kubernetes(site), abort.signal)]);
    } finally {
      abort.abort();
    }
  }

  async openTraffic(): Promise<void> {
    this.#users = await Users.of(this.#plan, this.#local, this.#addresses);
    await this.#recorder.act(this.#progress, "traffic", "First response through the traffic switch", () =>
      this.users.untilServed(this.#patienceSeconds),
    );
  }

  /** Runs an export from its CronJob's template in the primary cluster, as its schedule would. */
  runExport(kind: "full" | "changes"): Promise<NamedExportRun> {
    const kubernetes = this.#kubernetes("primary");
    const { namespace } = kubernetes;
    const { exportJob, changeExportJob } = kubernetesNames;
    const [cronJob, title] = kind === "full" ? [exportJob, "Full export"] : [changeExportJob, "Change export"];
    return this.#recorder.act(this.#progress, "primary", title, async () => {
      const name = await startJobFrom(kubernetes, namespace, cronJob, { suffix: `drill-${Date.now().toString(36)}` });
      const job = await finishedJob(kubernetes, namespace, name, this.#patienceSeconds);
      const slot = job.result?.["slot"];
      if (!job.succeeded || typeof slot !== "string") throw new Error(`${title} failed: ${job.reason}`);
      return { slot, startDelaySeconds: job.startDelaySeconds, elapsedSeconds: job.elapsedSeconds };
    });
  }

  /** Waits until the alternate region has restored and verified a recovery point from its own bucket. */
  async untilVerified(slot: string): Promise<void> {
    const s3 = new S3Client({ region: this.#local.regionOf("alternate"), ...this.#aws("alternate") });
    const { topology, site } = (await this.failoverContext("alternate")).settings;
    const copies = objectsIn(s3, recoveryPointBucket(topology, site));
    const look = async (): Promise<true | undefined> => ((await isVerified(copies, site, slot)) ? true : undefined);
    try {
      await this.#recorder.act(this.#progress, "alternate", `Restored and verified ${slot}`, () =>
        poll(`recovery point ${slot} in the alternate region`, look, { timeoutSeconds: this.#patienceSeconds }),
      );
    } finally {
      s3.destroy();
    }
  }

  /** Loses a region: unreachable, its cluster and pods killed, its storage gone. Returns the time of the loss. */
  async loseRegion(site: SiteName): Promise<number> {
    const cluster = this.#local.clusters[site];
    const at = Date.now();
    this.#local.aws.cut(this.#local.regionOf(site));
    await cluster.kill();
    this.#deadCluster = await guardDeadPort(cluster.apiPort);
    this.#recorder.event({ lane: site, title: "Region lost", at });
    this.#progress.warn(`The ${site} region is lost: ${this.#local.regionOf(site)}`);
    return at;
  }

  /** Makes the AWS of a region unreachable, us-east-1 with the global control planes; its cluster keeps running. */
  cutOff(region: string): { restore(): void } {
    this.#local.aws.cut(region);
    return { restore: () => this.#local.aws.restore(region) };
  }

  async failoverContext(site: SiteName): Promise<FailoverContext> {
    const stack = this.#stacks[site];
    return {
      plan: this.#plan,
      stack,
      settings: stack.settingsFrom(this.#local.project.config[site]),
      kubernetes: this.#kubernetes(site),
      progress: this.#progress,
      aws: this.#aws(site),
      resolve: await this.resolve(),
    };
  }

  /** Addresses of the public name and both sites' host names, in the format of `--resolve`. */
  async resolve(): Promise<Record<string, string>> {
    const { hostname, url } = this.users;
    const { primaryHostname = "", alternateHostname = "" } = this.#local.project.config.primary;
    const find = async (name: string): Promise<[string, string][]> => {
      const address = await this.#addresses.find(name);
      return address === undefined ? [] : [[name, address]];
    };
    const sites = await Promise.all([primaryHostname, alternateHostname].map(find));
    return { [hostname]: url, ...Object.fromEntries(sites.flat()) };
  }

  /** Calls between two times that the recovery must not depend on. */
  callsAfter(from: number | undefined, until = Date.now()): Observations["callsAfterCut"] {
    if (from === undefined) return { primaryRegion: [], globalControlPlanes: [], primaryCluster: [] };
    const regions = { dead: this.#local.regionOf("primary"), alive: this.#local.regionOf("alternate") };
    return {
      ...forbiddenCalls(this.#local.aws.calls(), { from, until }, regions),
      primaryCluster: (this.#deadCluster?.attempts() ?? []).map(() => "connection to the primary cluster's API"),
    };
  }

  get seededRows(): number {
    return this.users.seeded.length;
  }

  get types(): Pick<Observations, "realTypes" | "recordedTypes"> {
    const { provider } = this.#local;
    return { realTypes: provider.realTypes(), recordedTypes: provider.recordedTypes() };
  }

  /** Directory and environment for running commands on these stacks in another process. */
  commandLine(site: SiteName): { directory: string; env: Record<string, string> } {
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

  /** Resolves on the next Ctrl-C, which then does not stop anything itself. */
  interrupted(): Promise<void> {
    return new Promise((resolve) => {
      this.#local.onInterrupt(() => {
        resolve();
        return new Promise(() => {}); // the caller stops everything
      });
    });
  }

  /** Rejects when the disk is full; never resolves. */
  get diskFull(): Promise<never> {
    return this.#local.diskFull;
  }

  /** Replaces a failure caused by a full disk by an error stating so. Call before `close`. */
  explain(error: unknown): unknown {
    return this.#local.explain(error);
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#users?.stop(), this.#deadCluster?.close()]);
    await this.#local.stop();
  }

  #kubernetes(site: SiteName): Kubernetes {
    return new Kubernetes({ namespace: this.#local.namespace, kubeconfig: this.#local.clusters[site].kubeconfig });
  }

  #aws(site: SiteName): { endpoint: string; credentials: LocalStack["aws"]["credentials"] } {
    return { endpoint: this.#local.aws.endpoint(this.#local.regionOf(site)), credentials: this.#local.aws.credentials };
  }
}

async function openStacks({ project }: LocalStack): Promise<Stacks> {
  const { directory: projectDirectory, env, policyPack, pulumiRoot } = project;
  const open = (part: StackPart): Promise<ManagedStack> =>
    ManagedStack.createOrSelect({ projectDirectory, stack: stackOf[part], env, policyPack, pulumiRoot });
  const [shared, primary, alternate] = await Promise.all([open("shared"), open("primary"), open("alternate")]);
  return { shared, primary, alternate };
}
