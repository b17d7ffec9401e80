/**
 * Pulumi without an engine: records what a program registers, with the options hidden by Pulumi's own mocks
 * (protection, order, ignored changes). Unexpected function calls throw.
 */
import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";

type Values = Record<string, unknown>;

/** One registered resource. */
export interface Made {
  type: string;
  name: string;
  /** Plain: secrets are unwrapped. */
  inputs: Values;
  /** Names of inputs that are or contain secrets. */
  secretInputs: string[];
  urn: string;
  /** Logical name of the explicit provider; empty if there is none. */
  provider: string;
  /** URN of the parent; empty for the stack's own children. */
  parent: string;
  protect: boolean;
  retainOnDelete: boolean;
  ignoreChanges: string[];
  /** URNs of its dependencies. */
  dependencies: string[];
}

/** Everything registered since the last `startMocks`. */
export const made: Made[] = [];

/** Results of function calls, by token. */
export type Answers = Record<string, (args: Values) => Values>;

interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
  getProvider(): string;
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getIgnorechangesList(): string[];
  getDependenciesList(): string[];
}

interface Monitor {
  registerResource(request: Request, callback: (error: Error | null, response?: unknown) => void): Promise<void>;
  newUrn(parent: string, type: string, name: string): string;
}

const prototype = MockMonitor.prototype as unknown as Monitor;
const register = prototype.registerResource;
const requests = new Map<string, Request>();

// The mock monitor forwards inputs but drops options, which are read from the incoming request.
prototype.registerResource = function (this: Monitor, request, callback) {
  requests.set(`${request.getType()} ${request.getName()}`, request);
  return register.call(this, request, callback);
};

/** The name in a provider reference, `<urn>::<id>`, whose URN ends in the name. */
const providerName = (reference: string): string => reference.split("::").at(-2) ?? "";

/** Signature of a secret in the engine protocol. */
const secretMark = "4dabf18193072939515e22adb298388d";

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if (secretMark in value) return plain((value as Values)["value"]);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

const containsSecret = (value: unknown): boolean => (JSON.stringify(value) ?? "").includes(secretMark);

function record({ type, name, inputs }: pulumi.runtime.MockResourceArgs): Made {
  const request = requests.get(`${type} ${name}`);
  if (!request) throw new Error(`${type} ${name} was registered on an unknown way`);
  const parent = request.getParent();
  return {
    type,
    name,
    inputs: plain(inputs) as Values,
    secretInputs: Object.keys(inputs).filter((key) => containsSecret(inputs[key])),
    urn: prototype.newUrn(parent, type, name),
    provider: providerName(request.getProvider()),
    parent,
    protect: request.getProtect(),
    retainOnDelete: request.getRetainondelete(),
    ignoreChanges: request.getIgnorechangesList(),
    dependencies: request.getDependenciesList(),
  };
}

const eksOutputs = (name: string): Values => ({
  endpoint: `https://${name}.eks.example`,
  certificateAuthority: { data: "Q0E=" },
  createdAt: "2026-11-24T00:00:00Z",
});

/** Outputs that the cloud would add to a resource's inputs. */
function computed({ type, name, inputs }: pulumi.runtime.MockResourceArgs): Values {
  const values = inputs as Values;
  const arn = `arn:mock:${type}:${name}`;
  if (type === "random:index/randomPassword:RandomPassword") return { ...values, result: `password-of-${name}` };
  if (type === "aws:eks/cluster:Cluster") return { arn, ...eksOutputs(String(values["name"])), ...values };
  return type.startsWith("aws:") ? { arn, ...values } : values;
}

/** Pulumi formats a stack trace for each property of each resource, which takes longer than all else that it does. */
const { stackTraceLimit } = Error;

/** Resets the recording and the function results. */
export async function startMocks(answers: Answers = {}, config: Record<string, string> = {}): Promise<void> {
  made.length = 0;
  requests.clear();
  Error.stackTraceLimit = 1;
  pulumi.runtime.setAllConfig(config);
  await pulumi.runtime.setMocks(
    {
      newResource: (args) => {
        made.push(record(args));
        return { id: `${args.name}-id`, state: computed(args) };
      },
      call: ({ token, inputs }) => {
        const answer = answers[token];
        if (!answer) throw new Error(`unexpected function call ${token}`);
        return answer(inputs as Values);
      },
    },
    "vapora-continuity",
    "test",
    false,
    "organization",
  );
}

/** Resolves when everything is registered; rejects if a registration failed. */
export async function settled(): Promise<void> {
  await (pulumi.runtime as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
  Error.stackTraceLimit = stackTraceLimit;
}

/** All resources of one type. */
export const ofType = (type: string): Made[] => made.filter((resource) => resource.type === type);

/** The resource of that type and name; throws unless there is exactly one. */
export function only(type: string, name?: string): Made {
  const found = ofType(type).filter((resource) => name === undefined || resource.name === name);
  if (found.length === 1) return found[0]!;
  const names = ofType(type).map((resource) => resource.name);
  throw new Error(`${found.length} of ${type} ${name ?? ""}; there are: ${names.join(", ") || "none"}`);
}

/** Awaits the value of an output. */
export const valueOf = <T>(output: pulumi.Output<T>): Promise<T> =>
  new Promise((resolve) => output.apply((value) => resolve(value)));

/** The part of a resource's inputs at a path such as `spec.jobTemplate.spec`. */
export function at(resource: Pick<Made, "inputs">, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => (value as Values | undefined)?.[key], resource.inputs);
}
