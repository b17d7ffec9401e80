/** Runs a stack's program without an engine and records what it registers. */
import { pathToFileURL } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";
import { placeholder, plain, secretText } from "./values.ts";

/** One resource of the program, in the order of registration. */
export interface Registered {
  type: string;
  name: string;
  /** Logical name of its provider. @default undefined: the default provider */
  provider?: string | undefined;
  /** URN of its parent. @default undefined: the stack */
  parent?: string | undefined;
  protect: boolean;
  retainOnDelete: boolean;
  /** URNs. */
  dependsOn: string[];
  /** Without secrets; what only the cloud knows is marked. */
  inputs: Record<string, unknown>;
}

export interface ProgramRun {
  /** Path of the entry. */
  entry: string;
  projectDirectory: string;
  projectName: string;
  stack: string;
  config: Record<string, string>;
}

interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
  getProvider(): string;
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getDependenciesList(): string[];
  getCustom(): boolean;
  getObject(): { toJavaScript(): Record<string, unknown> } | undefined;
}

type Register = (request: Request, callback: (error: Error | null, response?: unknown) => void) => Promise<void>;

/**
 * Resources that the program registers in a first preview. Lookups in the cloud return nothing but their arguments.
 * @throws whatever the program throws
 */
export async function registeredBy(run: ProgramRun): Promise<Registered[]> {
  const registered = await recordRegistrations();
  process.chdir(run.projectDirectory);
  pulumi.runtime.setAllConfig(run.config);
  await pulumi.runtime.setMocks({ newResource, call }, run.projectName, run.stack, true, "organization");
  const entry = (await import(pathToFileURL(run.entry).href)) as { default?: unknown };
  if (typeof entry.default === "function") await (entry.default as () => unknown)();
  await (pulumi.runtime as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
  return registered;
}

/** What the cloud adds is named where other resources need it; anything else stays unknown. */
function newResource({ type, name, inputs }: pulumi.runtime.MockResourceArgs): pulumi.runtime.MockResourceResult {
  const id = placeholder("id", type, name);
  if (type === "random:index/randomPassword:RandomPassword") return { id, state: { result: secretText } };
  const arn = type.startsWith("aws:") && { arn: placeholder("arn", type, name) };
  return { id, state: { ...arn, ...(inputs as object) } };
}

/** The engine's own functions know no earlier state; a lookup's result is unknown before the cloud is asked. */
const call = ({ token, inputs }: pulumi.runtime.MockCallArgs): Record<string, unknown> =>
  token.startsWith("pulumi:pulumi:") ? { outputs: {} } : { ...(inputs as object) };

/** Pulumi's mocks drop the options of a resource, and unknown values: both are read from the request. */
async function recordRegistrations(): Promise<Registered[]> {
  const registered: Registered[] = [];
  const prototype = MockMonitor.prototype as unknown as { registerResource: Register };
  const register = prototype.registerResource;
  prototype.registerResource = function (this: unknown, request, callback) {
    if (request.getCustom()) registered.push(read(request));
    return register.call(this, request, callback);
  };
  return registered;
}

const read = (request: Request): Registered => ({
  type: request.getType(),
  name: request.getName(),
  provider: request.getProvider().split("::").at(-2), // <urn>::<id>, and the URN ends in the name
  parent: request.getParent() || undefined,
  protect: request.getProtect(),
  retainOnDelete: request.getRetainondelete(),
  dependsOn: request.getDependenciesList(),
  inputs: plain(request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>,
});
