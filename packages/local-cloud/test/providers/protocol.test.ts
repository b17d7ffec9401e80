import type { ServiceError } from "@grpc/grpc-js";
import { expect } from "chai";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import enginePb from "@pulumi/pulumi/proto/engine_pb.js";
import pluginPb from "@pulumi/pulumi/proto/plugin_pb.js";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb.js";
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import type {
  CheckResponse,
  ConfigureResponse,
  CreateResponse,
  DiffResponse,
  InvokeResponse,
  ReadResponse,
} from "@pulumi/pulumi/proto/provider_pb.js";
import statusPb from "@pulumi/pulumi/proto/status_pb.js";
import type { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { startProviders } from "../../providers/index.ts";
import { PartialFailure, type LocalProvider, type ProviderCall } from "../../providers/provider.ts";
import { serveProvider, type ServedProvider } from "../../providers/protocol/index.ts";
import { fromStruct, toStruct } from "../../providers/protocol/wire.ts";
import { secret, unknown, type Properties } from "../../providers/values.ts";
import { startFakeEngine } from "./contract/engine-service.ts";
import { ask, connect as connectTo } from "./contract/wire-provider.ts";

const urn = "urn:pulumi:dev::app::a:b:Parent$test:index:Thing::my::thing";

/** Records its calls; tests override single methods. */
function recorder(behaviour: Partial<LocalProvider> = {}) {
  const asked: { method: string; call: Partial<ProviderCall>; args: unknown[] }[] = [];
  const note = (method: string, call: Partial<ProviderCall>, ...args: unknown[]) =>
    void asked.push({ method, call, args });
  const provider: LocalProvider = {
    package: "test",
    version: "1.2.3",
    check: async (call, old, inputs) => (note("check", call, old, inputs), { inputs }),
    diff: async (call, id, change) => (note("diff", call, id, change), { changes: false }),
    create: async (call, inputs) => (note("create", call, inputs), { id: "id-1", outputs: inputs }),
    update: async (call, id, change) => (note("update", call, id, change), { outputs: change.newInputs }),
    read: async (call, id, state) => (note("read", call, id, state), undefined),
    delete: async (call, id, state) => note("delete", call, id, state),
    invoke: async (call, token, args) => (note("invoke", call, token, args), { outputs: args }),
    ...behaviour,
  };
  return { provider, asked };
}

const refused = (promise: Promise<unknown>): Promise<ServiceError> =>
  promise.then(
    () => expect.fail("was not refused"),
    (error: ServiceError) => error,
  );

describe("provider protocol", () => {
  let served: ServedProvider | undefined;
  const clients: ResourceProviderClient[] = [];

  async function serve(behaviour: Partial<LocalProvider> = {}) {
    const { provider, asked } = recorder(behaviour);
    served = await serveProvider(provider);
    return { asked, client: connect() };
  }
  /** A connection of its own, as the engine opens for each provider instance. */
  function connect(): ResourceProviderClient {
    const client = connectTo(served?.port ?? 0);
    clients.push(client);
    return client;
  }
  async function configure(client: ResourceProviderClient, config: Properties) {
    const request = new pb.ConfigureRequest();
    request.setArgs(toStruct(config));
    return ask<ConfigureResponse>((reply) => client.configure(request, reply));
  }
  function create(client: ResourceProviderClient, inputs: Properties, preview = false) {
    const request = new pb.CreateRequest();
    request.setUrn(urn);
    request.setProperties(toStruct(inputs));
    request.setPreview(preview);
    request.setTimeout(42);
    return ask<CreateResponse>((reply) => client.create(request, reply));
  }

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await served?.stop();
    served = undefined;
  });

  it("reports its version and supports secrets and previews", async () => {
    const { client } = await serve();
    const info = await ask<PluginInfo>((reply) => client.getPluginInfo(new empty.Empty(), reply));
    expect(info.getVersion()).to.equal("1.2.3");
    const configured = await configure(client, {});
    expect(configured.getAcceptsecrets()).to.equal(true);
    expect(configured.getSupportspreview()).to.equal(true);
  });

  it("passes the context and inputs of a create", async () => {
    const { client, asked } = await serve();
    await configure(client, { region: "eu-west-1", token: secret("t"), version: "9.9.9" });
    const inputs = { password: secret("x"), later: unknown, list: [1, "two", null, { three: true }] };
    const response = await create(client, inputs, true);
    expect(response.getId()).to.equal("id-1");
    expect(fromStruct(response.getProperties())).to.deep.equal(inputs);
    const { call, args } = asked[0] ?? expect.fail("not asked");
    expect(call).to.include({ urn, type: "test:index:Thing", name: "my::thing", preview: true, timeoutSeconds: 42 });
    expect(call.config).to.deep.equal({ region: "eu-west-1", token: "t" });
    expect(args).to.deep.equal([inputs]);
  });

  it("distinguishes instances by their connection", async () => {
    const { client: one, asked } = await serve();
    const other = connect();
    await configure(one, { region: "eu-west-1" });
    await configure(other, { region: "eu-central-1" });
    await Promise.all([create(one, { n: 1 }), create(other, { n: 2 }), create(one, { n: 3 })]);
    const regions = asked.map(({ call, args }) => `${JSON.stringify(args[0])} ${String(call.config?.region)}`).sort();
    expect(regions).to.deep.equal(['{"n":1} eu-west-1', '{"n":2} eu-central-1', '{"n":3} eu-west-1']);
  });

  it("refuses a connection that was never configured", async () => {
    const { client: one, asked } = await serve();
    await configure(one, { region: "eu-west-1" });
    const error = await refused(create(connect(), {}));
    expect(error.details).to.match(/test provider was never configured/);
    expect(asked).to.be.empty;
  });

  it("forgets an instance when another engine attaches over its address", async () => {
    const { client } = await serve();
    await configure(client, { region: "eu-west-1" });
    const attach = new pluginPb.PluginAttach();
    attach.setAddress("127.0.0.1:1");
    await ask((reply) => client.attach(attach, reply));
    expect((await refused(create(client, {}))).details).to.match(/never configured/);
  });

  it("passes no old inputs to a check where there are none, and returns failures", async () => {
    const { client, asked } = await serve({
      check: async (call, old, inputs) => (
        asked.push({ method: "check", call, args: [old] }),
        { inputs, failures: [{ property: "size", reason: "too big" }] }
      ),
    });
    await configure(client, {});
    const request = new pb.CheckRequest();
    request.setUrn(urn);
    request.setOlds(toStruct({}));
    request.setNews(toStruct({ size: 3 }));
    const response = await ask<CheckResponse>((reply) => client.check(request, reply));
    expect(asked[0]?.args).to.deep.equal([undefined]);
    expect(response.getFailuresList().map((failure) => failure.toObject())).to.deep.equal([
      { property: "size", reason: "too big" },
    ]);
  });

  it("translates a diff, path by path", async () => {
    const { client, asked } = await serve({
      diff: async (call, id, change) => {
        asked.push({ method: "diff", call, args: [id, change] });
        return {
          changes: true,
          replaces: ["spec.selector"],
          deleteBeforeReplace: true,
          detailed: {
            "spec.selector": { kind: "update-replace", inputDiff: true },
            'tags["a.b"]': { kind: "add", inputDiff: false },
          },
        };
      },
    });
    await configure(client, {});
    const request = new pb.DiffRequest();
    request.setUrn(urn);
    request.setId("id-1");
    request.setOlds(toStruct({ out: 1 }));
    request.setOldInputs(toStruct({ in: 1 }));
    request.setNews(toStruct({ in: 2 }));
    request.setIgnorechangesList(["x"]);
    const response = await ask<DiffResponse>((reply) => client.diff(request, reply));
    expect(asked[0]?.args).to.deep.equal([
      "id-1",
      { oldInputs: { in: 1 }, oldOutputs: { out: 1 }, newInputs: { in: 2 }, ignoreChanges: ["x"] },
    ]);
    expect(response.getChanges()).to.equal(pb.DiffResponse.DiffChanges.DIFF_SOME);
    expect(response.getReplacesList()).to.deep.equal(["spec.selector"]);
    expect(response.getDeletebeforereplace()).to.equal(true);
    expect(response.getDiffsList()).to.deep.equal(["spec", "tags"]);
    const details = response.getDetaileddiffMap();
    expect(details.get("spec.selector")?.toObject()).to.deep.equal({
      kind: pb.PropertyDiff.Kind.UPDATE_REPLACE,
      inputdiff: true,
    });
    expect(details.get('tags["a.b"]')?.toObject()).to.deep.equal({ kind: pb.PropertyDiff.Kind.ADD, inputdiff: false });
  });

  it("returns the state of what exists but is not ready", async () => {
    const { client } = await serve({
      create: async () => {
        throw new PartialFailure("id-7", { phase: "Pending" }, ["image not found", "0/1 ready"], { name: "x" });
      },
    });
    await configure(client, {});
    const error = await refused(create(client, {}));
    const status = statusPb.Status.deserializeBinary(error.metadata.get("grpc-status-details-bin")[0] as Buffer);
    const detail = status.getDetailsList()[0] ?? expect.fail("no detail");
    expect(detail.getTypeName()).to.equal("pulumirpc.ErrorResourceInitFailed");
    const failure = pb.ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
    expect(failure.getId()).to.equal("id-7");
    expect(failure.getReasonsList()).to.deep.equal(["image not found", "0/1 ready"]);
    expect(fromStruct(failure.getProperties())).to.deep.equal({ phase: "Pending" });
    expect(fromStruct(failure.getInputs())).to.deep.equal({ name: "x" });
  });

  it("returns no id from a read of what is gone", async () => {
    const { client } = await serve();
    await configure(client, {});
    const request = new pb.ReadRequest();
    request.setUrn(urn);
    request.setId("id-1");
    const response = await ask<ReadResponse>((reply) => client.read(request, reply));
    expect(response.getId()).to.equal("");
  });

  it("cancels only the calls of the instance that is cancelled", async () => {
    let started = 0;
    const { client: one } = await serve({
      create: (call) =>
        new Promise((resolve, reject) => {
          started++;
          call.signal.addEventListener("abort", () => reject(call.signal.reason as Error));
          if (call.config.patient) setTimeout(() => resolve({ id: "done", outputs: {} }), 150);
        }),
    });
    const other = connect();
    await configure(one, {});
    await configure(other, { patient: true });
    const [cancelled, finished] = [refused(create(one, {})), create(other, {})];
    while (started < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    await ask((reply) => one.cancel(new empty.Empty(), reply));
    expect((await cancelled).details).to.equal("cancelled by the engine");
    expect((await finished).getId()).to.equal("done");
  });

  it("passes an instance's arguments unwrapped to the provider, and returns its failures", async () => {
    const seen: Properties[] = [];
    const { client } = await serve({
      checkConfig: (inputs) => (seen.push(inputs), [{ property: "region", reason: "is required" }]),
    });
    const request = new pb.CheckRequest();
    request.setNews(toStruct({ token: secret("t") }));
    const response = await ask<CheckResponse>((reply) => client.checkConfig(request, reply));
    expect(seen).to.deep.equal([{ token: "t" }]);
    expect(response.getFailuresList()).to.have.length(1);
    expect(fromStruct(response.getInputs())).to.deep.equal({ token: secret("t") });
  });

  it("shows messages through the engine that attached", async () => {
    const engine = await startFakeEngine();
    const { client } = await serve({
      create: async (call) => (
        call.report("status", "waiting"),
        call.report("warning", "old field"),
        { id: "i", outputs: {} }
      ),
    });
    const attach = new pluginPb.PluginAttach();
    attach.setAddress(engine.address);
    await ask((reply) => client.attach(attach, reply));
    await configure(client, {});
    await create(client, {});
    while (engine.logged.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    engine.stop();
    const shown = engine.logged.map((one) => [one.getUrn(), one.getMessage(), one.getEphemeral(), one.getSeverity()]);
    expect(shown).to.deep.equal([
      [urn, "waiting", true, enginePb.LogSeverity.INFO],
      [urn, "old field", false, enginePb.LogSeverity.WARNING],
    ]);
  });

  it("returns results or failures of functions", async () => {
    const { client } = await serve({
      invoke: async (_, token, args) =>
        token === "test:index:bad" ? { failures: [{ property: "a", reason: "no" }] } : { outputs: args },
    });
    await configure(client, {});
    const request = new pb.InvokeRequest();
    request.setTok("test:index:good");
    request.setArgs(toStruct({ a: 1 }));
    const good = await ask<InvokeResponse>((reply) => client.invoke(request, reply));
    expect(fromStruct(good.getReturn())).to.deep.equal({ a: 1 });
    request.setTok("test:index:bad");
    const bad = await ask<InvokeResponse>((reply) => client.invoke(request, reply));
    expect(bad.getFailuresList()).to.have.length(1);
  });
});

describe("startProviders", () => {
  it("names each package with its port, and closes them all", async () => {
    const started = await startProviders([recorder().provider, { ...recorder().provider, package: "other" }]);
    expect(started.debugProviders).to.match(/^test:\d+,other:\d+$/);
    await started.stop();
    const port = Number(/test:(\d+)/.exec(started.debugProviders)?.[1]);
    const client = connectTo(port);
    const error = await refused(ask((reply) => client.getPluginInfo(new empty.Empty(), reply)));
    expect(error.message).to.match(/UNAVAILABLE/);
    client.close();
  });
});
