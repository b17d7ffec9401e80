import {
  LocalWorkspace,
  PulumiCommand,
  type EngineEvent,
  type OutputMap,
  type Stack,
} from "@pulumi/pulumi/automation/index.js";
import { stripVTControlCharacters } from "node:util";
import { siteEndpoint, type Role, type SiteEndpoint, type SiteName, type Topology } from "../plan/names.ts";
import { CannotRun, messageOf, type Problem } from "./cannot-run.ts";
import { within } from "./within.ts";

export const projectName = "vapora-continuity";

/** State or secrets that lie in a dead region may not hang a command. */
const backendSeconds = 60;

/** Where a stack's program and state are, and the policy pack that guards it. */
export interface StackLocation {
  /** Directory with Pulumi.yaml. */
  projectDirectory: string;
  /** Name of the stack, e.g. `dr`. */
  stack: string;
  /** Folder with bin/pulumi. @default the one on the PATH */
  pulumiRoot?: string;
  /** Environment of the Pulumi processes, on top of this process's own. */
  env?: Record<string, string>;
  /** Directory of the policy pack; each update is refused when it breaks a mandatory rule. */
  policyPack?: string;
}

/** What a stack's configuration says about its site. */
export interface StackSettings {
  topology: Topology;
  site: SiteName;
  role: Role;
  publicHostname: string;
  siteHostname: string;
  /** Name under which the other site answers. */
  otherHostname: string;
  /** How this site answers, and so the other one: see `siteEndpoint`. */
  endpoint: SiteEndpoint;
  kubeconfig: string | undefined;
  kubeContext: string | undefined;
  planFile: string | undefined;
}

export interface UpdateOptions {
  /** Called with each resource that was created, updated or deleted. */
  onResource?: (change: ResourceChange) => void;
  /** Lines of the engine's own output. */
  onOutput?: (text: string) => void;
  signal?: AbortSignal;
}

export interface ResourceChange {
  op: string;
  type: string;
  urn: string;
  failed: boolean;
}

/** One stack of this project, driven through the Automation API. */
export class ManagedStack {
  readonly #stack: Stack;
  readonly #policyPack: string | undefined;
  readonly name: string;

  private constructor(stack: Stack, name: string, policyPack: string | undefined) {
    this.#stack = stack;
    this.#policyPack = policyPack;
    this.name = name;
  }

  /** Opens a stack that exists. */
  static async select(location: StackLocation): Promise<ManagedStack> {
    const { stack, policyPack } = location;
    try {
      const opened = within(backendSeconds, "the state backend", async () =>
        LocalWorkspace.selectStack(...(await program(location))),
      );
      return new ManagedStack(await opened, stack, policyPack);
    } catch (error) {
      throw new CannotRun(`stack "${stack}" cannot be opened`, [firstLine(error)]);
    }
  }

  /** Opens a stack, or makes it when its backend does not know it yet. */
  static async createOrSelect(location: StackLocation): Promise<ManagedStack> {
    const { stack, policyPack } = location;
    return new ManagedStack(await LocalWorkspace.createOrSelectStack(...(await program(location))), stack, policyPack);
  }

  /** Reads and checks what the stack's configuration says; every problem at once. */
  async settings(): Promise<StackSettings> {
    const config = await within(backendSeconds, `configuration of ${this.name}`, () => this.#stack.getAllConfig());
    return readSettings(this.name, (key) => config[`${projectName}:${key}`]?.value);
  }

  /** The same from values that are at hand, without asking the engine. */
  settingsFrom(config: Readonly<Record<string, string>>): StackSettings {
    return readSettings(this.name, (key) => config[key]);
  }

  setRole(role: Role): Promise<void> {
    const set = (): Promise<void> => this.#stack.setConfig(`${projectName}:role`, { value: role });
    return within(backendSeconds, `role of ${this.name}`, set);
  }

  outputs(): Promise<OutputMap> {
    return this.#stack.outputs();
  }

  /** Brings the site to what program and configuration say. Never refreshes: a dead region may not hang it. */
  async up(options: UpdateOptions = {}): Promise<void> {
    const complaints: string[] = [];
    const work = this.#stack.up({
      refresh: false,
      suppressProgress: true,
      ...(this.#policyPack !== undefined && { policyPacks: [this.#policyPack] }),
      ...(options.onOutput && { onOutput: options.onOutput }),
      ...(options.signal && { signal: options.signal }),
      onEvent: (event) => {
        reportChange(event, options.onResource);
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
}

async function program({ stack, projectDirectory, pulumiRoot, env = {} }: StackLocation) {
  const pulumiCommand = await PulumiCommand.get(pulumiRoot === undefined ? {} : { root: pulumiRoot });
  return [
    { stackName: stack, workDir: projectDirectory },
    { envVars: env, pulumiCommand },
  ] as const;
}

function reportChange(event: EngineEvent, onResource: UpdateOptions["onResource"]): void {
  const done = event.resOutputsEvent ?? event.resOpFailedEvent;
  if (!done || done.metadata.op === "same") return;
  const { op, type, urn } = done.metadata;
  onResource?.({ op, type, urn, failed: event.resOpFailedEvent !== undefined });
}

/** What the engine and the policies have against an update, each in one line. */
function complaintsIn({ diagnosticEvent: diagnostic, policyEvent: policy }: EngineEvent): string[] {
  const said = [];
  if (diagnostic?.severity === "error") said.push({ about: diagnostic.urn, text: diagnostic.message });
  if (policy?.enforcementLevel === "mandatory") said.push({ about: policy.resourceUrn, text: policy.message });
  return said.map(({ about, text }) => {
    const line = stripVTControlCharacters(text)
      .replace(/<\{%[^%]*%\}>/g, "")
      .replace(/\s+/g, " ")
      .trim();
    return about ? `${about.split("::").at(-1)}: ${line}` : line;
  });
}

const roles: readonly string[] = ["active", "standby", "isolated"] satisfies Role[];
const sites: readonly string[] = ["primary", "alternate"] satisfies SiteName[];

/** @throws CannotRun with every missing or wrong value at once */
export function readSettings(stack: string, config: (key: string) => string | undefined): StackSettings {
  const problems: Problem[] = [];
  const required = (key: string, allowed?: readonly string[]): string => {
    const value = config(key);
    if (value === undefined || (allowed && !allowed.includes(value))) {
      problems.push({
        where: `${projectName}:${key}`,
        value: value === undefined ? "missing" : JSON.stringify(value),
        rule: allowed ? `it must be one of ${allowed.join(", ")}` : "the command needs it",
        remedy: `pulumi config set ${key} VALUE --stack ${stack}`,
      });
    }
    return value ?? "";
  };
  const site = required("site", sites) as SiteName;
  const settings: StackSettings = {
    topology: {
      namePrefix: required("namePrefix"),
      primaryRegion: required("primaryRegion"),
      alternateRegion: required("alternateRegion"),
    },
    site,
    role: required("role", roles) as Role,
    publicHostname: required("publicHostname"),
    siteHostname: required(site === "primary" ? "primaryHostname" : "alternateHostname"),
    otherHostname: required(site === "primary" ? "alternateHostname" : "primaryHostname"),
    endpoint: siteEndpoint(config("certificateArn")),
    kubeconfig: config("kubeconfig"),
    kubeContext: config("kubeContext") ?? clusterContext(config, site),
    planFile: config("planFile"),
  };
  if (problems.length > 0) throw new CannotRun(`stack "${stack}": its configuration cannot be used`, problems);
  return settings;
}

/** The stack's own cluster, as the program picks it: never whichever one kubectl happens to point at. */
function clusterContext(config: (key: string) => string | undefined, site: SiteName): string | undefined {
  if (config("kubeconfig") !== undefined) return undefined;
  return config("clusterName") ?? `${config("namePrefix")}-${site}`;
}

const firstLine = (error: unknown): string =>
  messageOf(error)
    .split("\n")
    .find((line) => line.trim() !== "") ?? "";
