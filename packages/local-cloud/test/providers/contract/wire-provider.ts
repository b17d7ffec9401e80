/** A provider plugin behind Pulumi's gRPC protocol, with the methods of a local one: local and official plugins alike. */
import { createRequire } from "node:module";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import type * as pb from "@pulumi/pulumi/proto/provider_pb.js";
import type { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type {
  Change,
  CheckFailure,
  CheckResult,
  DiffKind,
  DiffResult,
  InvokeCall,
  InvokeResult,
  LocalProvider,
  OldState,
  PropertyDiff,
  ProviderCall,
  ReadResult,
} from "../../../providers/provider.ts";
import { fromStruct, toStruct } from "../../../providers/protocol/wire.ts";
import type { Properties } from "../../../providers/values.ts";

const { ResourceProviderClient: Client } = createRequire(import.meta.url)(
  "@pulumi/pulumi/proto/provider_grpc_pb.js",
) as { ResourceProviderClient: typeof ResourceProviderClient };

type Reply<Response> = (error: ServiceError | null, response: Response) => void;

/** One call, as a promise. */
export const ask = <Response>(send: (reply: Reply<Response>) => unknown): Promise<Response> =>
  new Promise((resolve, reject) => {
    send((error, response) => (error ? reject(error) : resolve(response)));
  });

/** A connection of its own, as the engine opens for each provider instance. */
export const connect = (port: number): ResourceProviderClient =>
  new Client(`127.0.0.1:${port}`, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 });

const failuresOf = (list: pb.CheckFailure[]): CheckFailure[] =>
  list.map((failure) => ({ property: failure.getProperty(), reason: failure.getReason() }));

const { Kind } = messages.PropertyDiff;
const kinds = new Map<number, DiffKind>([
  [Kind.ADD, "add"],
  [Kind.ADD_REPLACE, "add-replace"],
  [Kind.DELETE, "delete"],
  [Kind.DELETE_REPLACE, "delete-replace"],
  [Kind.UPDATE, "update"],
  [Kind.UPDATE_REPLACE, "update-replace"],
]);

export class WireProvider implements LocalProvider {
  readonly package: string;
  readonly version: string;
  readonly #client: ResourceProviderClient;

  private constructor(name: string, version: string, client: ResourceProviderClient) {
    this.package = name;
    this.version = version;
    this.#client = client;
  }

  /** Connects, checks the instance's arguments and configures it, in the order of the engine. */
  static async open(name: string, port: number, config: Properties, engineAddress?: string): Promise<WireProvider> {
    const client = connect(port);
    if (engineAddress !== undefined) {
      const attach = new plugin.PluginAttach();
      attach.setAddress(engineAddress);
      await ask<Empty>((reply) => client.attach(attach, reply));
    }
    const info = await ask<PluginInfo>((reply) => client.getPluginInfo(new empty.Empty(), reply));
    const provider = new WireProvider(name, info.getVersion(), client);
    const failures = await provider.configFailures(config);
    if (failures.length > 0)
      throw new Error(failures.map(({ property, reason }) => `${property}: ${reason}`).join("; "));
    await provider.#configure(config);
    return provider;
  }

  close(): void {
    this.#client.close();
  }

  async configFailures(config: Properties): Promise<CheckFailure[]> {
    const request = new messages.CheckRequest();
    request.setUrn(`urn:pulumi:dev::test::pulumi:providers:${this.package}::default`);
    request.setOlds(toStruct({}));
    request.setNews(toStruct(config));
    const response = await ask<pb.CheckResponse>((reply) => this.#client.checkConfig(request, reply));
    return failuresOf(response.getFailuresList());
  }

  async configDiff(before: Properties, after: Properties): Promise<DiffResult> {
    const request = new messages.DiffRequest();
    request.setUrn(`urn:pulumi:dev::test::pulumi:providers:${this.package}::default`);
    request.setId("instance");
    for (const set of ["setOlds", "setOldInputs"] as const) request[set](toStruct(before));
    request.setNews(toStruct(after));
    return fromDiff(await ask<pb.DiffResponse>((reply) => this.#client.diffConfig(request, reply)));
  }

  async #configure(config: Properties): Promise<void> {
    const request = new messages.ConfigureRequest();
    request.setArgs(toStruct(config));
    for (const [key, value] of Object.entries(config))
      request.getVariablesMap().set(`${this.package}:config:${key}`, String(value));
    request.setAcceptsecrets(true);
    request.setAcceptresources(true);
    request.setSendsOldInputs(true);
    request.setSendsOldInputsToDelete(true);
    const response = await ask<pb.ConfigureResponse>((reply) => this.#client.configure(request, reply));
    if (!response.getAcceptsecrets()) throw new Error(`${this.package} does not accept secrets`);
  }

  async check(call: ProviderCall, oldInputs: Properties | undefined, newInputs: Properties): Promise<CheckResult> {
    const request = new messages.CheckRequest();
    identify(request, call);
    request.setOlds(toStruct(oldInputs ?? {}));
    request.setNews(toStruct(newInputs));
    request.setRandomseed(Uint8Array.from({ length: 32 }, () => Math.floor(Math.random() * 256)));
    const response = await ask<pb.CheckResponse>((reply) => this.#client.check(request, reply));
    return { inputs: fromStruct(response.getInputs()), failures: failuresOf(response.getFailuresList()) };
  }

  async diff(call: ProviderCall, id: string, change: Change): Promise<DiffResult> {
    const request = new messages.DiffRequest();
    identify(request, call);
    request.setId(id);
    describeChange(request, change);
    return fromDiff(await ask<pb.DiffResponse>((reply) => this.#client.diff(request, reply)));
  }

  async create(call: ProviderCall, inputs: Properties): Promise<{ id: string; outputs: Properties }> {
    const request = new messages.CreateRequest();
    identify(request, call);
    request.setProperties(toStruct(inputs));
    request.setPreview(call.preview);
    request.setTimeout(call.timeoutSeconds);
    const response = await ask<pb.CreateResponse>((reply) => this.#client.create(request, reply));
    return { id: response.getId(), outputs: fromStruct(response.getProperties()) };
  }

  async update(call: ProviderCall, id: string, change: Change): Promise<{ outputs: Properties }> {
    const request = new messages.UpdateRequest();
    identify(request, call);
    request.setId(id);
    describeChange(request, change);
    request.setPreview(call.preview);
    request.setTimeout(call.timeoutSeconds);
    const response = await ask<pb.UpdateResponse>((reply) => this.#client.update(request, reply));
    return { outputs: fromStruct(response.getProperties()) };
  }

  async read(call: ProviderCall, id: string, state: OldState): Promise<ReadResult | undefined> {
    const request = new messages.ReadRequest();
    identify(request, call);
    request.setId(id);
    request.setInputs(toStruct(state.oldInputs));
    request.setProperties(toStruct(state.oldOutputs));
    const response = await ask<pb.ReadResponse>((reply) => this.#client.read(request, reply));
    if (response.getId() === "") return undefined;
    const [inputs, outputs] = [fromStruct(response.getInputs()), fromStruct(response.getProperties())];
    return { id: response.getId(), inputs, outputs };
  }

  async delete(call: ProviderCall, id: string, state: OldState): Promise<void> {
    const request = new messages.DeleteRequest();
    identify(request, call);
    request.setId(id);
    request.setOldInputs(toStruct(state.oldInputs));
    request.setProperties(toStruct(state.oldOutputs));
    request.setTimeout(call.timeoutSeconds);
    await ask<Empty>((reply) => this.#client.delete(request, reply));
  }

  async invoke(call: InvokeCall, token: string, args: Properties): Promise<InvokeResult> {
    const request = new messages.InvokeRequest();
    request.setTok(token);
    request.setArgs(toStruct(args));
    request.setPreview(call.preview);
    const response = await ask<pb.InvokeResponse>((reply) => this.#client.invoke(request, reply));
    const failures = failuresOf(response.getFailuresList());
    return failures.length > 0 ? { failures } : { outputs: fromStruct(response.getReturn()) };
  }

  async cancel(): Promise<void> {
    await ask<Empty>((reply) => this.#client.cancel(new empty.Empty(), reply));
  }
}

function fromDiff(response: pb.DiffResponse): DiffResult {
  const detailed: Record<string, PropertyDiff> = {};
  response.getDetaileddiffMap().forEach((diff, path) => {
    detailed[path] = { kind: kinds.get(diff.getKind()) ?? "update", inputDiff: diff.getInputdiff() };
  });
  return {
    changes: response.getChanges() === messages.DiffResponse.DiffChanges.DIFF_SOME,
    replaces: response.getReplacesList(),
    deleteBeforeReplace: response.getDeletebeforereplace(),
    detailed,
  };
}

interface Identified {
  setUrn(urn: string): void;
  setType(type: string): void;
  setName(name: string): void;
}

function describeChange(request: pb.DiffRequest | pb.UpdateRequest, change: Change): void {
  request.setOldInputs(toStruct(change.oldInputs));
  request.setOlds(toStruct(change.oldOutputs));
  request.setNews(toStruct(change.newInputs));
  request.setIgnorechangesList(change.ignoreChanges);
}

function identify(request: Identified, { urn, type, name }: ProviderCall): void {
  request.setUrn(urn);
  request.setType(type);
  request.setName(name);
}
