/**
 * The local AWS provider. It validates inputs against the SDK's types, creates types with a module in `services/` by API
 * calls, and records all others with deterministic ids.
 */
import { differences } from "../differences.ts";
import { PartialFailure } from "../provider.ts";
import type {
  Change,
  CheckFailure,
  CheckResult,
  DiffResult,
  InvokeCall,
  InvokeResult,
  LocalProvider,
  OldState,
  ProviderCall,
} from "../provider.ts";
import { equal, hasUnknown, isObject, plain, plainObject, unknown, type Json, type Properties } from "../values.ts";
import { Clients, type Aws, type AwsOptions } from "./access.ts";
import { text } from "./inputs.ts";
import { invokeFunction } from "./invokes/index.ts";
import { isGenerated, withName } from "./names.ts";
import { recordedType } from "./recorded.ts";
import { Registry, type RecordedResource } from "./registry.ts";
import { PartiallyCreated, type ResourceType } from "./resource-type.ts";
import { realTypes } from "./services/index.ts";
import { inputProblems, sdkTypes, type Digest } from "./sdk-types/index.ts";
import {
  allTags,
  foundState,
  handlerInputs,
  hasTags,
  outputsOf,
  updatedOutputs,
  withoutInternals,
  withUnknowns,
  type Setting,
} from "./states.ts";

export interface AwsProvider extends LocalProvider {
  /** Types in use that are created in the emulator, sorted. */
  realTypes(): string[];
  /** Types in use that are only recorded, sorted. */
  recordedTypes(): string[];
  /** Resources that exist now. */
  resources(): RecordedResource[];
}

interface Target extends Setting {
  aws: Aws;
  real: boolean;
}

class Provider implements AwsProvider {
  readonly package = "aws";
  readonly version: string;
  readonly #sdk = sdkTypes();
  readonly #registry = new Registry();
  readonly #clients: Clients;

  constructor(options: AwsOptions) {
    this.version = this.#sdk.version;
    this.#clients = new Clients(options);
  }

  realTypes = (): string[] => this.#registry.types(true);
  recordedTypes = (): string[] => this.#registry.types(false);
  resources = (): RecordedResource[] => this.#registry.resources();

  checkConfig(inputs: Properties): CheckFailure[] {
    const { region = "" } = inputs;
    const accounts = listOf(inputs.allowedAccountIds);
    const { accountId } = this.#clients;
    return [
      ...(region === "" ? [{ property: "region", reason: "region is required" }] : []),
      ...(accounts && !accounts.includes(accountId)
        ? [{ property: "allowedAccountIds", reason: `is ${accounts.join(", ")}, but the account here is ${accountId}` }]
        : []),
    ];
  }

  async check(call: ProviderCall, oldInputs: Properties | undefined, newInputs: Properties): Promise<CheckResult> {
    const digest = await this.#sdk.digest(call.type);
    if (!digest) {
      const reason = `@pulumi/aws ${this.version} has no resource type ${call.type}`;
      return { inputs: newInputs, failures: [{ property: "", reason }] };
    }
    const { type, real } = this.#typeOf(digest);
    const inputs = withName(type.naming, call.name, newInputs, oldInputs);
    const bare = plainObject(withoutInternals(inputs));
    const misfits = inputProblems(digest, bare);
    const failures = misfits.length > 0 ? misfits : (type.problems?.(bare) ?? []);
    if (failures.length === 0) this.#registry.use(call.type, real);
    return { inputs, failures };
  }

  async diff(call: ProviderCall, _id: string, change: Change): Promise<DiffResult> {
    const target = await this.#target(call, {});
    const { type } = target;
    const imported = Object.keys(change.oldInputs).length === 0;
    const after = this.#withTags(target, change.newInputs);
    const before = imported
      ? Object.fromEntries(
          Object.keys(after).flatMap((key) => (key in change.oldOutputs ? [[key, change.oldOutputs[key]!]] : [])),
        )
      : { ...withoutInternals(change.oldInputs), ...this.#oldTags(target, change) };
    const immutable = new Set([
      ...(type.update ? (type.immutable ?? []) : Object.keys(target.digest.inputs)),
      "region",
    ]);
    return differences(before, after, {
      replaces: (path) => immutable.has(/^[^.[]+/.exec(path)?.[0] ?? path),
      deleteBeforeReplace:
        type.naming !== undefined && !isGenerated(type.naming, change.newInputs) && sameName(type, before, after),
    });
  }

  async create(call: ProviderCall, inputs: Properties): Promise<{ id: string; outputs: Properties }> {
    const target = await this.#target(call, inputs);
    if (call.preview) {
      return { id: unknown, outputs: withUnknowns(target.digest, outputsOf(target, inputs, {})) };
    }
    const save = (id: string, given: Properties): Properties => {
      const outputs = outputsOf(target, inputs, given);
      this.#registry.add(resource(target, call, id, inputs, outputs));
      return outputs;
    };
    try {
      const { id, outputs } = await within(call, target.type.create(target.aws, handlerInputs(target, inputs)));
      return { id, outputs: save(id, outputs ?? {}) };
    } catch (error) {
      if (!(error instanceof PartiallyCreated)) throw described("creating", call, target, error);
      const reason = described("creating", call, target, error).message;
      throw new PartialFailure(error.id, save(error.id, error.outputs), [reason], inputs);
    }
  }

  async update(call: ProviderCall, id: string, change: Change): Promise<{ outputs: Properties }> {
    const target = await this.#target(call, change.oldOutputs);
    const { type } = target;
    if (call.preview) {
      const open = Object.fromEntries((type.changing ?? []).map((key) => [key, unknown]));
      return { outputs: updatedOutputs(target, change, change.newInputs, open) };
    }
    try {
      const wanted = handlerInputs(target, change.newInputs);
      const given = await within(
        call,
        Promise.resolve(type.update?.(target.aws, id, wanted, plainObject(change.oldOutputs))),
      );
      const outputs = updatedOutputs(target, change, change.newInputs, given ?? {});
      this.#registry.change(resource(target, call, id, change.newInputs, outputs));
      return { outputs };
    } catch (error) {
      throw described("updating", call, target, error);
    }
  }

  async read(call: ProviderCall, id: string, state: OldState) {
    const target = await this.#target(call, state.oldOutputs);
    try {
      const found = await within(call, target.type.read(target.aws, id, plainObject(state.oldOutputs)));
      if (!found) {
        this.#registry.remove(call.urn, id);
        return undefined;
      }
      const { inputs, outputs } = foundState(target, state, found);
      this.#registry.use(call.type, target.real);
      this.#registry.change(resource(target, call, id, inputs, outputs));
      return { id, inputs, outputs };
    } catch (error) {
      throw described("reading", call, target, error);
    }
  }

  async delete(call: ProviderCall, id: string, state: OldState): Promise<void> {
    const target = await this.#target(call, state.oldOutputs);
    try {
      await within(call, target.type.delete(target.aws, id, plainObject(state.oldOutputs)));
      this.#registry.remove(call.urn, id);
    } catch (error) {
      throw described("deleting", call, target, error);
    }
  }

  invoke(call: InvokeCall, token: string, args: Properties): Promise<InvokeResult> {
    const { config } = call;
    const aws = (): Aws => this.#clients.access(token, text(config, "region") ?? "", config);
    return invokeFunction({ config, accountId: this.#clients.accountId, aws }, token, args);
  }

  #typeOf(digest: Digest): { type: ResourceType; real: boolean } {
    const real = realTypes.get(digest.token);
    return real ? { type: real, real: true } : { type: recordedType(digest), real: false };
  }

  /** `values`: inputs of a new resource, or outputs of an existing one. */
  async #target(call: ProviderCall, values: Properties): Promise<Target> {
    const digest = await this.#sdk.digest(call.type);
    if (!digest) throw new Error(`@pulumi/aws ${this.version} has no resource type ${call.type}`);
    const own = values.region === undefined ? undefined : plain(values.region);
    const region = own ?? call.config.region;
    if (typeof region !== "string" || region === "")
      throw new Error(`${call.urn}: its provider instance has no region`);
    const aws = this.#clients.access(call.urn, region, call.config);
    return { ...this.#typeOf(digest), digest, region, aws, defaultTags: defaultTags(call.config) };
  }

  /** Includes default tags, so that a change of the provider's affects every resource. */
  #withTags(target: Target, inputs: Properties): Properties {
    const own = withoutInternals(inputs);
    return hasTags(target.digest) ? { ...own, tagsAll: allTags(target, plainObject(own)) } : own;
  }

  #oldTags({ digest }: Target, { oldOutputs }: Change): Properties {
    return hasTags(digest) ? { tagsAll: oldOutputs.tagsAll ?? {} } : {};
  }
}

const sameName = ({ naming }: ResourceType, before: Properties, after: Properties): boolean =>
  naming !== undefined && equal(plain(before[naming.property] ?? null), plain(after[naming.property] ?? null));

/** Lists and objects in a provider's configuration are JSON text. */
const parsed = (value: Json | undefined): Json =>
  typeof value === "string" && /^[[{]/.test(value) ? (JSON.parse(value) as Json) : (value ?? null);

function defaultTags(config: Properties): Properties {
  const block = parsed(config.defaultTags);
  return isObject(block) && isObject(block.tags) ? block.tags : {};
}

/** Undefined if absent or partly unknown. */
function listOf(value: Json | undefined): Json[] | undefined {
  const list = parsed(value);
  return Array.isArray(list) && list.length > 0 && !hasUnknown(list) ? list : undefined;
}

const resource = (
  target: Target,
  call: ProviderCall,
  id: string,
  inputs: Properties,
  outputs: Properties,
): RecordedResource => ({
  type: call.type,
  name: call.name,
  id,
  urn: call.urn,
  region: "region" in target.digest.outputs ? target.region : "global",
  inputs: plainObject(withoutInternals(inputs)),
  outputs: plainObject(outputs),
  real: target.real,
});

/** Rejects when the engine cancels; the API call itself ends by its timeout. */
async function within<Result>({ signal }: ProviderCall, work: Promise<Result>): Promise<Result> {
  signal.throwIfAborted();
  const { promise: cancelled, reject } = Promise.withResolvers<never>();
  const cancel = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", cancel, { once: true });
  try {
    return await Promise.race([work, cancelled]);
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

function described(doing: string, call: ProviderCall, target: Target, error: unknown): Error {
  if (call.signal.aborted) return error as Error;
  const { name, message } = error instanceof Error ? error : { name: "", message: String(error) };
  const kind = name === "" || name === "Error" ? "" : `${name}: `;
  return new Error(`${doing} ${call.type} ${call.name} in ${target.region}: ${kind}${message}`, { cause: error });
}

/** Creates the local AWS provider. */
export const awsProvider = (options: AwsOptions): AwsProvider => new Provider(options);
