/**
 * What a local provider has to implement. Values are plain JSON, in which a
 * secret or a value that is not known yet has the wrapper of `values.ts`.
 */
import type { Properties } from "./values.ts";

/** What every operation on a resource is told besides its values. */
export interface ProviderCall {
  readonly urn: string;
  /** Pulumi type token, e.g. `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  /** Logical name of the resource in the program. */
  readonly name: string;
  /** Arguments of the provider instance that this resource uses; secrets are unwrapped. Lists, objects and booleans arrive as JSON text, as the SDK sends them. */
  readonly config: Properties;
  /** True when nothing may be changed; `create` and `update` then answer with what is known, the rest as `unknown`. */
  readonly preview: boolean;
  /** The program's custom timeout; 0 where it has none and the provider's own holds. */
  readonly timeoutSeconds: number;
  /** Aborted when the engine cancels the operation or goes away. */
  readonly signal: AbortSignal;
  /** Shows a message beside the resource: a status is replaced by the next one, the others stay. */
  report(severity: "status" | "info" | "warning", message: string): void;
}

/** What a function call is told; the same as an operation on a resource where it applies. */
export type InvokeCall = Pick<ProviderCall, "config" | "preview" | "signal" | "report">;

/** A refused property: where and why. An empty property means the resource as a whole. */
export interface CheckFailure {
  property: string;
  reason: string;
}

export interface CheckResult {
  /** The inputs with defaults and generated names filled in; secrets stay wrapped. */
  inputs: Properties;
  failures?: CheckFailure[];
}

export type DiffKind = "add" | "add-replace" | "delete" | "delete-replace" | "update" | "update-replace";

export interface PropertyDiff {
  kind: DiffKind;
  /** True: between old and new inputs. False: between the state's outputs and the new inputs, i.e. drift. */
  inputDiff: boolean;
}

export interface DiffResult {
  changes: boolean;
  /** Property paths that force a replacement. */
  replaces?: string[];
  deleteBeforeReplace?: boolean;
  /** What changes, by property path (`spec.ports[0].port`); `pulumi preview --diff` shows it. See `differences.ts`. */
  detailed?: Record<string, PropertyDiff>;
}

export interface OldState {
  /** Inputs as the last `check` returned them; empty in states that an import wrote. */
  oldInputs: Properties;
  oldOutputs: Properties;
}

export interface Change extends OldState {
  newInputs: Properties;
  /** Property paths that the program wants left alone; the engine has already put the old values into `newInputs`. */
  ignoreChanges: string[];
}

export interface ReadResult {
  id: string;
  inputs: Properties;
  outputs: Properties;
}

export type InvokeResult = { outputs: Properties } | { failures: CheckFailure[] };

/** One package's resources. Every method may throw: the message goes to the user. */
export interface LocalProvider {
  /** Package name, e.g. `aws`. */
  readonly package: string;
  /** Version of the SDK package that the program uses. */
  readonly version: string;
  /** Validates the arguments of a provider instance. Without it, all are accepted. */
  checkConfig?(inputs: Properties): CheckFailure[];
  check(call: ProviderCall, oldInputs: Properties | undefined, newInputs: Properties): Promise<CheckResult>;
  diff(call: ProviderCall, id: string, change: Change): Promise<DiffResult>;
  create(call: ProviderCall, inputs: Properties): Promise<{ id: string; outputs: Properties }>;
  update(call: ProviderCall, id: string, change: Change): Promise<{ outputs: Properties }>;
  /** `undefined` when the resource is gone. An import comes with empty inputs and outputs. */
  read(call: ProviderCall, id: string, state: OldState): Promise<ReadResult | undefined>;
  delete(call: ProviderCall, id: string, state: OldState): Promise<void>;
  invoke(call: InvokeCall, token: string, args: Properties): Promise<InvokeResult>;
}

/** The resource exists but is not as it should be: it is kept in the state, and the next update repairs it. */
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
