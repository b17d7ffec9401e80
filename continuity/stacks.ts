import {
  ConcurrentUpdateError,
  LocalWorkspace,
  PulumiCommand,
  type OutputMap,
  type Stack,
} from "@pulumi/pulumi/automation/index.js";
import {
  inProject,
  kubeContextOf,
  otherSite,
  problem,
  projectName,
  projectVariable,
  roleOverrideVariable,
  readConfiguration,
  requireSetting,
  siteEndpoint,
  type Role,
  type SiteEndpoint,
  type SiteName,
  type Topology,
} from "../contract/index.ts";
import { cannotOpen, isUnknownStack } from "./cannot-open.ts";
import { CannotRun } from "./cannot-run.ts";
import { complaintsIn, describePending, trackPending, type PreviewFindings } from "./engine-events.ts";
import { findVerdict, type PreviewRound } from "./policy-verdict.ts";
import { processMark, startedByVariable } from "./processes.ts";
import { findFileProblems, type Wanted } from "./project-files.ts";
import { settingsFileWithRole } from "./settings-file.ts";
import { endLeftovers, settleLock } from "./stack-lock.ts";
import { within } from "./within.ts";

export type { PreviewFindings } from "./engine-events.ts";

/** Time limit in seconds for state and secrets, which may be in a dead region. */
const backendSeconds = 60;

/** A hint in an error message is worth no longer wait. */
const listSeconds = 15;

/** Time limit of a preview in seconds: it must not use up the recovery time. */
const previewSeconds = 120;

/** Location of a stack's program and state, and its policy pack. */
export interface StackLocation {
  /** Directory with Pulumi.yaml. */
  projectDirectory: string;
  /** Name of the stack, e.g. `dr`. */
  stack: string;
  /** Folder that contains bin/pulumi. @default from PATH */
  pulumiRoot?: string;
  /** Additional environment of the Pulumi processes. */
  env?: Record<string, string>;
  /** Directory of the policy pack; updates that violate a mandatory policy are rejected. */
  policyPack?: string | undefined;
}

/** Settings of a site from its stack's configuration. */
export interface StackSettings {
  topology: Topology;
  site: SiteName;
  role: Role;
  /** Kubernetes namespace of the site. */
  namespace: string;
  publicHostname: string;
  siteHostname: string;
  /** Host name of the other site. */
  otherHostname: string;
  /** Scheme and port of both sites: see `siteEndpoint`. */
  endpoint: SiteEndpoint;
  kubeconfig: string | undefined;
  kubeContext: string | undefined;
  planFile: string | undefined;
}

export interface PreviewOptions {
  /** Role to preview. @default the configured one */
  role?: Role;
  signal?: AbortSignal;
  /** @default 120 */
  timeoutSeconds?: number | undefined;
}

export interface UpdateOptions {
  /**
   * `previewed`: the caller has previewed this change with the policy pack. `skip`: the pack is not used.
   * @default preview with the pack first, then update with it
   */
  policies?: "previewed" | "skip";
  /** Continues with resources that do not depend on a failed one. @default false */
  continueOnError?: boolean;
  /** Called at least once when the engine is working on this stack, never while another update holds the lock. */
  onUnderWay?: () => void;
  /** Called with messages about the stack's lock. */
  onNote?: (text: string) => void;
  /** Called with what the update is waiting for, whenever that changes: its oldest unfinished resources. */
  onAwaiting?: (what: string) => void;
  /** Called with the engine's output lines. */
  onOutput?: (text: string) => void;
  signal?: AbortSignal;
}

/** One stack of this project, driven through the Automation API. */
export class ManagedStack {
  readonly #stack: Stack;
  readonly #policyPack: string | undefined;
  readonly #wanted: Wanted;
  readonly name: string;

  private constructor(stack: Stack, location: StackLocation) {
    this.#stack = stack;
    this.#policyPack = location.policyPack;
    this.#wanted = wantedBy(location);
    this.name = location.stack;
  }

  /** Opens an existing stack. */
  static async select(location: StackLocation): Promise<ManagedStack> {
    const wanted = wantedBy(location);
    const problems = findFileProblems(wanted);
    if (problems.length > 0) throw new CannotRun(`stack "${location.stack}" cannot be opened`, problems);
    try {
      const opened = within(backendSeconds, "the state backend", async () =>
        LocalWorkspace.selectStack(...(await program(location))),
      );
      return new ManagedStack(await opened, location);
    } catch (error) {
      const stacks = isUnknownStack(error) ? await stacksBeside(location) : undefined;
      throw cannotOpen(wanted, error, stacks);
    }
  }

  /** Opens a stack, creating it if the backend does not have it. */
  static async createOrSelect(location: StackLocation): Promise<ManagedStack> {
    return new ManagedStack(await LocalWorkspace.createOrSelectStack(...(await program(location))), location);
  }

  /** Reads and validates the stack's configuration, reporting all problems at once. */
  async settings(): Promise<StackSettings> {
    const reading = within(backendSeconds, `configuration of ${this.name}`, () => this.#stack.getAllConfig());
    const config = await reading.catch((error: unknown) => {
      throw cannotOpen(this.#wanted, error);
    });
    return readSettings(this.name, (key) => config[`${projectName}:${key}`]?.value);
  }

  /** Does the same with given values, without calling the engine. */
  settingsFrom(config: Readonly<Record<string, string>>): StackSettings {
    return readSettings(this.name, (key) => config[key]);
  }

  /** The currently configured role. */
  role(): Promise<Role> {
    const read = async (): Promise<Role> => {
      const { value } = await this.#stack.getConfig(`${projectName}:role`);
      return requireSetting("role", () => value);
    };
    return within(backendSeconds, `role of ${this.name}`, read);
  }

  setRole(role: Role): Promise<void> {
    const set = (): Promise<void> => this.#stack.setConfig(`${projectName}:role`, { value: role });
    return within(backendSeconds, `role of ${this.name}`, set);
  }

  outputs(): Promise<OutputMap> {
    return this.#stack.outputs();
  }

  /**
   * Objections of the policy pack and the providers to the next update; changes nothing, including the configuration.
   * Empty without a policy pack.
   */
  async preview({ role, signal, timeoutSeconds = previewSeconds }: PreviewOptions = {}): Promise<PreviewFindings> {
    endLeftovers();
    if (this.#policyPack === undefined) return { violations: [], failures: [], unfinished: undefined };
    const settings = role === undefined ? undefined : await settingsFileWithRole(this.#stack, role);
    const end = performance.now() + timeoutSeconds * 1000; // for all rounds together
    const round = async ({ exclude, onEvent }: PreviewRound): Promise<void> => {
      const attempt = (limit: AbortSignal): Promise<unknown> =>
        this.#stack.preview({
          suppressProgress: true,
          policyPacks: [this.#policyPack as string],
          signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
          ...(settings && { configFile: settings.path }),
          ...(exclude.length > 0 && { exclude: [...exclude], excludeDependents: true }),
          onEvent,
        });
      const left = Math.max(1, Math.round((end - performance.now()) / 1000));
      await within(left, `preview of ${this.name}`, attempt);
    };
    try {
      return await findVerdict(round, signal);
    } finally {
      await settings?.remove();
    }
  }

  /**
   * Updates the site to its program and configuration. Never refreshes, which could hang on a dead region. A violation
   * of a mandatory policy stops it before any change.
   */
  async up(options: UpdateOptions = {}): Promise<void> {
    if (options.policies === undefined) refuseViolations(this.name, await this.preview(signalOf(options)));
    const takenOver = new Set<string>();
    for (;;) {
      try {
        return await this.#update(options);
      } catch (error) {
        if (!(error instanceof ConcurrentUpdateError)) throw error;
        await settleLock(error.message, takenOver, { ...options, stack: this.name, remove: () => this.#removeLock() });
        endLeftovers(); // of the engine that has just ended
      }
    }
  }

  async #update(options: UpdateOptions): Promise<void> {
    const complaints: string[] = [];
    const track = trackPending((names) => {
      const what = describePending(names);
      if (what !== undefined) options.onAwaiting?.(what);
    });
    const withPack = options.policies === undefined && this.#policyPack !== undefined;
    const work = this.#stack.up({
      refresh: false,
      suppressProgress: true,
      ...(withPack && { policyPacks: [this.#policyPack as string] }),
      ...(options.continueOnError === true && { continueOnError: true }),
      ...(options.onOutput && { onOutput: options.onOutput }),
      ...signalOf(options),
      onEvent: (event) => {
        options.onUnderWay?.();
        track(event);
        complaints.push(...complaintsIn(event));
      },
    });
    try {
      await work;
    } catch (error) {
      throw complaints.length === 0
        ? error
        : new Error(`update of ${this.name}: ${complaints.join("; ")}`, { cause: error });
    }
  }

  #removeLock(): Promise<void> {
    return within(backendSeconds, `lock of ${this.name}`, () => this.#stack.cancel());
  }
}

const signalOf = ({ signal }: { signal?: AbortSignal }): { signal?: AbortSignal } => (signal ? { signal } : {});

function refuseViolations(stack: string, { violations, unfinished }: PreviewFindings): void {
  const problems = [...violations, ...(unfinished === undefined ? [] : [`the preview did not finish: ${unfinished}`])];
  if (problems.length === 0) return;
  throw new Error(
    `update of ${stack}: nothing was changed, because the policy pack rejects it: ${problems.join("; ")}`,
  );
}

const wantedBy = ({ stack, projectDirectory, env }: StackLocation): Wanted => ({
  stack,
  projectDirectory,
  projectName,
  env: { ...process.env, ...env },
});

/**
 * The policy pack must see the objects of a cluster that does not exist yet: without this, the engine previews what
 * belongs to a provider with unknown arguments without any properties (decision 0032).
 */
const engineSettings = { PULUMI_LEGACY_PROVIDER_PREVIEW: "true" };

async function program({ stack, projectDirectory, pulumiRoot, env = {} }: StackLocation) {
  const pulumiCommand = await PulumiCommand.get(pulumiRoot === undefined ? {} : { root: pulumiRoot });
  const envVars = {
    ...engineSettings,
    // A failover makes a site active before the record names it, and asks nothing of the lost region.
    [roleOverrideVariable]: "1",
    ...env,
    [projectVariable]: projectDirectory,
    [startedByVariable]: processMark(process.pid),
  };
  return [
    { stackName: stack, workDir: projectDirectory },
    { envVars, pulumiCommand },
  ] as const;
}

/** The stacks of the project that the backend holds; undefined where it does not answer in time. */
async function stacksBeside(location: StackLocation): Promise<string[] | undefined> {
  const list = async (): Promise<string[]> => {
    const [{ workDir }, { envVars, pulumiCommand }] = await program(location);
    const workspace = await LocalWorkspace.create({ workDir, envVars, pulumiCommand });
    return (await workspace.listStacks()).map(({ name }) => name);
  };
  return within(listSeconds, "the state backend", list).catch(() => undefined);
}

const withoutSite = (stack: string): CannotRun => {
  const rule = "must be primary or alternate, since commands work on a site";
  const remedy = "use the stack of a site, e.g. --stack dr";
  return new CannotRun(`stack "${stack}" deploys no site`, [inProject(problem("site", "shared", rule, remedy))]);
};

/** What a command needs of a stack's configuration; the program checks the rest before every update. */
const needed = [
  ...(["site", "role", "namePrefix", "namespace", "primaryRegion", "alternateRegion"] as const),
  ...(["publicHostname", "primaryHostname", "alternateHostname", "certificateArn"] as const),
  ...(["clusterName", "kubeconfig", "kubeContext", "planFile"] as const),
];

/** @throws CannotRun with all missing or invalid values, or if the stack deploys no site */
export function readSettings(stack: string, config: (key: string) => string | undefined): StackSettings {
  const { values, problems } = readConfiguration(needed, config);
  if (values.site === "shared") throw withoutSite(stack);
  if (problems.length > 0) {
    const withCommand = problems.map((found) => ({
      ...inProject(found),
      remedy: `${found.remedy}: pulumi config set ${found.where} VALUE --stack ${stack}`,
    }));
    throw new CannotRun(`stack "${stack}": invalid configuration`, withCommand);
  }
  const { site, role, namePrefix, namespace, primaryRegion, alternateRegion, kubeconfig } = values;
  const hostnames = { primary: values.primaryHostname, alternate: values.alternateHostname };
  return {
    topology: { namePrefix, primaryRegion, alternateRegion },
    site,
    role,
    namespace,
    publicHostname: values.publicHostname,
    siteHostname: hostnames[site],
    otherHostname: hostnames[otherSite(site)],
    endpoint: siteEndpoint(values.certificateArn),
    kubeconfig,
    kubeContext: kubeContextOf(values, kubeconfig !== undefined),
    planFile: values.planFile,
  };
}
