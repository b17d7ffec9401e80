/** Interface of local providers. Values are JSON; secrets and unknown values have the wrappers of `values.ts`. */
import type { Properties } from "./values.ts";

/** Context of an operation on a resource. */
export interface ProviderCall {
  /** URN of the resource. */
  readonly urn: string;
  /** Pulumi type token, e.g. `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  /** Logical name of the resource in the program. */
  readonly name: string;
  /** Arguments of the resource's provider instance, secrets unwrapped. Lists, objects and booleans are JSON text, as the SDK sends them. */
  readonly config: Properties;
  /** If true, nothing may be changed: `create` and `update` return what is known, and `unknown` for the rest. */
  readonly preview: boolean;
  /** `customTimeouts` of the program, in seconds; 0 for the provider's default. */
  readonly timeoutSeconds: number;
  /** Aborted when the engine cancels the operation or disconnects. */
  readonly signal: AbortSignal;
  /** Shows a message at the resource; a status is replaced by the next one. */
  report(severity: "status" | "info" | "warning", message: string): void;
}

/** Context of a function call. */
export type InvokeCall = Pick<ProviderCall, "config" | "preview" | "signal" | "report">;

/** A rejected property; an empty name means the resource as a whole. */
export interface CheckFailure {
  /** Property path, e.g. `rules[0].status`. */
  property: string;
  /** Message for the user. */
  reason: string;
}

export interface CheckResult {
  /** The inputs with defaults and generated names; secrets stay wrapped. */
  inputs: Properties;
  /** All problems at once. @default none */
  failures?: CheckFailure[];
}

/** Change of a property; `-replace` if it requires a replacement of the resource. */
export type DiffKind = "add" | "add-replace" | "delete" | "delete-replace" | "update" | "update-replace";

export interface PropertyDiff {
  /** Kind of change. */
  kind: DiffKind;
  /** True for a diff of old and new inputs; false for one of outputs and new inputs, i.e. drift. */
  inputDiff: boolean;
}

export interface DiffResult {
  /** Whether anything changes. */
  changes: boolean;
  /** Property paths that require a replacement. */
  replaces?: string[];
  /** Whether a replacement must delete the old resource first. @default false */
  deleteBeforeReplace?: boolean;
  /** Changes by property path (`spec.ports[0].port`), for `pulumi preview --diff`. See `differences.ts`. */
  detailed?: Record<string, PropertyDiff>;
}

export interface OldState {
  /** Inputs as the last `check` returned them; empty after an import. */
  oldInputs: Properties;
  /** Outputs of the last operation; empty for an import. */
  oldOutputs: Properties;
}

export interface Change extends OldState {
  /** Inputs as the current `check` returned them. */
  newInputs: Properties;
  /** `ignoreChanges` of the program; the engine has already put the old values into `newInputs`. */
  ignoreChanges: string[];
}

export interface ReadResult {
  /** Provider-assigned id. */
  id: string;
  /** Inputs that would result in the current state. */
  inputs: Properties;
  /** Current outputs. */
  outputs: Properties;
}

/** Outputs of a function, or the reasons why its arguments were rejected. */
export type InvokeResult = { outputs: Properties } | { failures: CheckFailure[] };

/** A provider package. Methods may throw; the message is shown to the user. */
export interface LocalProvider {
  /** Package name, e.g. `aws`. */
  readonly package: string;
  /** Version of the SDK package that the program uses. */
  readonly version: string;
  /** Validates the arguments of a provider instance. @default all are accepted */
  checkConfig?(inputs: Properties): CheckFailure[];
  /**
   * Compares the arguments of a provider instance. A replaced one replaces every resource of the instance.
   * @default changes replace nothing; each resource's own diff decides
   */
  diffConfig?(before: Properties, after: Properties): DiffResult;
  /** Validates inputs and completes them. `oldInputs` is undefined for a new resource. */
  check(call: ProviderCall, oldInputs: Properties | undefined, newInputs: Properties): Promise<CheckResult>;
  /** Compares a resource with new inputs. */
  diff(call: ProviderCall, id: string, change: Change): Promise<DiffResult>;
  /** Creates a resource. @throws PartialFailure if it exists but is not as requested */
  create(call: ProviderCall, inputs: Properties): Promise<{ id: string; outputs: Properties }>;
  /** Updates a resource in place. @throws PartialFailure if it is not as requested */
  update(call: ProviderCall, id: string, change: Change): Promise<{ outputs: Properties }>;
  /** Reads the current state; undefined if the resource is gone. For an import, `state` is empty. */
  read(call: ProviderCall, id: string, state: OldState): Promise<ReadResult | undefined>;
  /** Deletes a resource; must succeed if it is gone already. */
  delete(call: ProviderCall, id: string, state: OldState): Promise<void>;
  /** Calls a function. */
  invoke(call: InvokeCall, token: string, args: Properties): Promise<InvokeResult>;
}

/** The resource exists but is not as requested: the engine keeps it in the state, and the next update repairs it. */
export class PartialFailure extends Error {
  readonly id: string;
  readonly outputs: Properties;
  readonly inputs: Properties | undefined;
  readonly reasons: string[];

  constructor(id: string, outputs: Properties, reasons: string[], inputs?: Properties) {
    super(reasons.join("\n"));
    this.name = "PartialFailure";
    this.id = id;
    this.outputs = outputs;
    this.inputs = inputs;
    this.reasons = reasons;
  }
}
