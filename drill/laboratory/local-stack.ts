import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, stringify } from "yaml";
import { loadPlan, stackSettings, type SiteName, type StackPart } from "../../contract/index.ts";
import { prepareAccount, startAws, type LocalAws } from "@vapora-continuity/local-cloud/aws";
import { startCluster, type Cluster } from "@vapora-continuity/local-cloud/cluster";
import { existingIn, readValues } from "./existing.ts";
import { buildImages, standInsOf } from "../images/index.ts";
import { ownPlanFile } from "../own-plan.ts";
import { awsProvider } from "@vapora-continuity/local-cloud/providers/aws";
import { kubernetesProvider, randomProvider, startProviders } from "@vapora-continuity/local-cloud/providers";
import {
  closeOnExit,
  explainDiskFull,
  openRun,
  requireRoom,
  watchDisk,
  type Run,
} from "@vapora-continuity/local-cloud/run";
import { cacheRoot, ensureTools, type Progress, type Tools } from "@vapora-continuity/local-cloud/tools";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** Stack of each site, and of what both share. */
export const stackOf: Readonly<Record<StackPart, string>> = { shared: "shared", primary: "prod", alternate: "dr" };

const parts = ["shared", "primary", "alternate"] as const satisfies readonly StackPart[];

export interface LocalStackOptions {
  /** Says what is being built or started. */
  progress: Progress;
  /** Environment of the database containers: switches of the local database image that make it misbehave. */
  databaseFaults?: Record<string, string>;
  /**
   * Space needed in the folder of temporary files, in MiB.
   * @default 300, enough for clusters, AWS and a small database
   */
  mebibytes?: number;
  /**
   * Seconds for which EKS waits for a role that does not exist.
   * @default 120, as the official provider
   */
  propagationSeconds?: number;
  /** Configuration overrides, by key without the project name. */
  config?: Record<string, string>;
}

/** Duration of the preparation, in seconds. */
interface Preparation {
  /** Locating the tools, or building them on a first run. */
  toolsSeconds: number;
  /** Starting both regions, including building images. */
  startSeconds: number;
}

/** Two regions on this machine: clusters, AWS, providers, and a project whose stacks deploy to them. */
export interface LocalStack {
  readonly run: Run;
  readonly clusters: Readonly<Record<SiteName, Cluster>>;
  readonly aws: LocalAws;
  readonly provider: ReturnType<typeof awsProvider>;
  /** The unchanged program as a Pulumi project, with its state outside of both regions. */
  readonly project: LocalProject;
  readonly preparation: Preparation;
  /** Kubernetes namespace of both sites. */
  readonly namespace: string;
  /** Rejects when the disk is full; never resolves. */
  readonly diskFull: Promise<never>;
  /** Replaces a failure caused by a full disk by an error stating so. Call before `stop`. */
  explain(error: unknown): unknown;
  regionOf(site: SiteName): string;
  /** Replaces the action on Ctrl-C, which stops everything by default; the process exits when the action has ended. */
  onInterrupt(action: () => Promise<void>): void;
  stop(): Promise<void>;
}

interface LocalProject {
  /** Directory with Pulumi.yaml and the stack configuration. */
  directory: string;
  /** Environment for the Pulumi engine. */
  env: Record<string, string>;
  /** Folder that contains bin/pulumi. */
  pulumiRoot: string;
  policyPack: string;
  /** Configuration of each stack, by key without the project name. */
  config: Readonly<Record<StackPart, Record<string, string>>>;
}

/** Starts everything concurrently once the tools are available. Leaves nothing running on failure. */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const run = await openRun("drill");
  let onInterrupt = (): Promise<void> => run.close();
  const forget = closeOnExit(run, () => onInterrupt());
  const disk = watchDisk(run.directory);
  const explain = (error: unknown): unknown => explainDiskFull(error, run.directory);
  try {
    const [path, what] = [run.directory, "clusters, databases and AWS"];
    requireRoom({ path, mebibytes: options.mebibytes ?? 300, what, remedy: "set TMPDIR to another place" });
    const began = performance.now();
    const tools = await ensureTools(options.progress);
    const ready = performance.now();
    const stack = await Promise.race([startAll(run, tools, options), disk.full]);
    return {
      ...stack,
      diskFull: disk.full,
      explain,
      preparation: { toolsSeconds: (ready - began) / 1000, startSeconds: (performance.now() - ready) / 1000 },
      onInterrupt(action) {
        onInterrupt = action;
      },
      async stop() {
        disk.stop();
        await stack.stop();
        forget();
      },
    };
  } catch (error) {
    const explained = explain(error);
    disk.stop();
    await run.close();
    forget();
    throw explained;
  }
}

async function startAll(
  run: Run,
  tools: Tools,
  options: LocalStackOptions,
): Promise<Omit<LocalStack, "onInterrupt" | "preparation" | "diskFull" | "explain">> {
  const config = await readStackConfigs(options.config ?? {});
  const shared = readShared(config.primary);
  const plan = loadPlan(config.primary["planFile"] ?? ownPlanFile);
  const regionOf = (site: SiteName): string => shared[`${site}Region`];
  const imagesDir = join(run.directory, "images");
  options.progress("starting AWS in two regions and building the images");
  const [aws] = await Promise.all([
    startAws({
      run,
      python: tools.python,
      regions: [regionOf("primary"), regionOf("alternate")],
      accountId: shared.accountId,
    }),
    buildImages({
      outDir: imagesDir,
      registry: shared.imageRegistry,
      tag: shared.imageTag,
      databaseImage: shared.databaseImage,
      services: standInsOf(plan, { registry: shared.imageRegistry, tag: shared.imageTag }),
      ...(options.databaseFaults && { faults: options.databaseFaults }),
    }),
  ]);
  options.progress("starting both clusters");
  const startSite = (site: SiteName): Promise<Cluster> =>
    startCluster({ run, binary: tools.cluster, name: site, imagesDir, podEnv: podEnvironment(aws, regionOf(site)) });
  const [primary, alternate] = await Promise.all([startSite("primary"), startSite("alternate")]);
  await prepareAccount(aws, existingIn(config));
  const { propagationSeconds } = options;
  const provider = awsProvider({ ...aws, ...(propagationSeconds !== undefined && { propagationSeconds }) });
  const providers = await startProviders([provider, kubernetesProvider(), randomProvider()]);
  const clusters = { primary, alternate };
  return {
    run,
    clusters,
    aws,
    provider,
    project: await writeProject(run, tools, providers.debugProviders, clusters, config),
    namespace: shared.namespace,
    regionOf,
    async stop() {
      await Promise.allSettled([primary.kill(), alternate.kill(), providers.stop(), aws.stop()]);
      await run.close();
    },
  };
}

/** What pod identity and the node provide in a real region: credentials and the AWS endpoint. */
const podEnvironment = (aws: LocalAws, region: string): Record<string, string> => ({
  AWS_ENDPOINT_URL: aws.endpoint(region),
  AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
});

type StackConfigs = Record<StackPart, Record<string, string>>;

async function readStackConfigs(overrides: Record<string, string>): Promise<StackConfigs> {
  const read = async (part: StackPart): Promise<Record<string, string>> => {
    const text = await readFile(join(repository, `Pulumi.${stackOf[part]}.yaml`), "utf8");
    return { ...defaults, ...withoutProject(parse(text)?.config ?? {}), planFile: ownPlanFile, ...overrides };
  };
  const defaults = await projectDefaults();
  const [shared, primary, alternate] = await Promise.all([read("shared"), read("primary"), read("alternate")]);
  return { shared, primary, alternate };
}

async function projectDefaults(): Promise<Record<string, string>> {
  const { config = {} } = parse(await readFile(join(repository, "Pulumi.yaml"), "utf8"));
  const known = Object.entries(config as Record<string, { default?: unknown }>);
  return withoutProject(
    Object.fromEntries(known.flatMap(([key, { default: d }]) => (d === undefined ? [] : [[key, d]]))),
  );
}

const withoutProject = (config: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key.split(":").at(-1) ?? key,
      typeof value === "object" ? JSON.stringify(value) : String(value),
    ]),
  );

/** What the stacks of both sites have in common. */
function readShared(config: Record<string, string>) {
  const needed = ["primaryRegion", "alternateRegion", "accountId", "namespace"] as const;
  const images = ["imageRegistry", "imageTag", "databaseImage"] as const;
  return readValues([...needed, ...images], config);
}

/** Lists and objects as YAML, because the engine rejects text where the project declares a list. */
function asConfigured([name, value]: [string, string]): unknown {
  const isJson = Object.entries(stackSettings).some(([known, { kind }]) => known === name && kind === "json");
  return isJson ? JSON.parse(value) : value;
}

/** Writes a project for the run: same program and configuration, different backend and clusters. */
async function writeProject(
  run: Run,
  tools: Tools,
  debugProviders: string,
  clusters: Record<SiteName, Cluster>,
  config: StackConfigs,
): Promise<LocalProject> {
  const directory = join(run.directory, "project");
  const state = join(run.directory, "state");
  const scratch = join(run.directory, "tmp");
  await Promise.all([directory, state, scratch].map((path) => mkdir(path, { recursive: true })));
  const project = parse(await readFile(join(repository, "Pulumi.yaml"), "utf8"));
  await writeFile(join(directory, "Pulumi.yaml"), stringify({ ...project, main: join(repository, project.main) }));
  for (const part of parts) {
    if (part !== "shared") config[part]["kubeconfig"] = clusters[part].kubeconfig;
    const entries = Object.entries(config[part]).map((entry) => [`${project.name}:${entry[0]}`, asConfigured(entry)]);
    await writeFile(
      join(directory, `Pulumi.${stackOf[part]}.yaml`),
      stringify({ config: Object.fromEntries(entries) }),
    );
  }
  return {
    directory,
    policyPack: join(repository, "policies"),
    pulumiRoot: dirname(dirname(tools.pulumi)),
    config,
    env: engineEnvironment(run, tools, debugProviders, { state, scratch }),
  };
}

function engineEnvironment(
  run: Run,
  tools: Tools,
  debugProviders: string,
  { state, scratch }: { state: string; scratch: string },
): Record<string, string> {
  const node = join(repository, "node_modules", ".bin");
  return {
    PATH: [tools.binDir, node, process.env["PATH"]].join(":"),
    TMPDIR: scratch,
    PULUMI_HOME: join(run.directory, "pulumi"),
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: run.name,
    PULUMI_DEBUG_PROVIDERS: debugProviders,
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_SKIP_CHECKPOINTS: "true",
    NODE_COMPILE_CACHE: join(cacheRoot(), "compile-cache"),
  };
}
