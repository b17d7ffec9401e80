import { expect } from "chai";
import { immutableFields, isInvalidObject, ApiError } from "../../../providers/kubernetes/errors.ts";
import { kubernetesProvider } from "../../../providers/kubernetes/index.ts";
import { PartialFailure, type ProviderCall } from "../../../providers/provider.ts";
import { plainObject, secret, unknown, type JsonObject, type Properties } from "../../../providers/values.ts";
import { callOf } from "../support.ts";
import {
  kubeconfigFor,
  refusal,
  startFakeApiServer,
  type Answer,
  type Asked,
  type FakeApiServer,
} from "./fake-api-server.ts";

const provider = kubernetesProvider();
const path = "/api/v1/namespaces/shop/configmaps/settings";
const configMap: Properties = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings", namespace: "shop" },
  data: { a: "1" },
};
const deployment: Properties = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "shop" },
  spec: { replicas: 1, selector: { matchLabels: { app: "web" } } },
};
const live = (object: Properties, more: JsonObject = {}): JsonObject => ({
  ...plainObject(object),
  ...more,
  metadata: { ...(object.metadata as JsonObject), uid: "u-1", resourceVersion: "7", generation: 1 },
});
const failure = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => expect.fail("was not refused"),
    (error: Error) => error,
  );

describe("kubernetes provider", () => {
  let server: FakeApiServer | undefined;
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });

  async function start(answer: (asked: Asked) => Answer | "hang" | undefined, changes: Partial<ProviderCall> = {}) {
    server = await startFakeApiServer(answer);
    return {
      server,
      call: (kind = "core/v1:ConfigMap") =>
        callOf(`kubernetes:${kind}`, { ...changes, config: { ...server?.config, ...changes.config } }),
    };
  }

  it("creates by server-side apply with strict validation, after looking whether the name is free", async () => {
    const { server, call } = await start(({ method, body }) =>
      method === "PATCH" ? { body: live(body ?? {}) } : undefined,
    );
    const { id, outputs } = await provider.create(call(), { ...configMap, data: { a: secret("1") } });
    expect(id).to.equal("shop/settings");
    expect((outputs.metadata as JsonObject).uid).to.equal("u-1");
    expect(server.calls()).to.deep.equal([`GET ${path}`, `PATCH ${path}`]);
    const { query, body } = server.asked.at(-1) ?? expect.fail();
    const fieldManager = outputs.__fieldManager;
    expect(fieldManager).to.match(/^pulumi-kubernetes-[0-9a-f]{8}$/);
    expect(query).to.deep.equal({ fieldManager, fieldValidation: "Strict", force: "false" });
    expect(body).to.deep.equal(configMap);
  });

  it("refuses to adopt an existing object, except on request", async () => {
    const answer = () => ({ body: live(configMap) });
    const { server, call } = await start(answer);
    expect((await failure(provider.create(call(), configMap))).message).to.match(
      /ConfigMap shop\/settings already exists/,
    );
    expect(server.calls()).to.deep.equal([`GET ${path}`]);
    const willing = callOf("kubernetes:core/v1:ConfigMap", {
      config: { ...server.config, upsertExistingObjects: "true" },
    });
    expect((await provider.create(willing, configMap)).id).to.equal("shop/settings");
  });

  it("discovers an API version once", async () => {
    const { server, call } = await start(({ body }) => (body ? { body: live(body) } : undefined));
    await Promise.all(
      [1, 2, 3].map((n) =>
        provider.create(call(), { ...configMap, metadata: { name: `settings-${n}`, namespace: "shop" } }),
      ),
    );
    expect(server.asked.filter((one) => one.path === "/api/v1")).to.have.length(1);
  });

  it("puts objects without a namespace into the provider's, cluster-scoped ones into none", async () => {
    const { server, call } = await start(({ body }) => (body ? { body: live(body) } : undefined), {
      config: { namespace: "mine" },
    });
    await provider.create(call(), { ...configMap, metadata: { name: "settings" } });
    await provider.create(call(), configMap);
    await provider.create(call("core/v1:Namespace"), { apiVersion: "v1", kind: "Namespace", metadata: { name: "n" } });
    expect(server.calls().filter((one) => one.startsWith("PATCH"))).to.deep.equal([
      "PATCH /api/v1/namespaces/mine/configmaps/settings",
      `PATCH ${path}`,
      "PATCH /api/v1/namespaces/n",
    ]);
  });

  it("sends a Secret's stringData as data", async () => {
    const { server, call } = await start(({ body }) => (body ? { body: live(body) } : undefined));
    const inputs = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s", namespace: "shop" },
      stringData: secret({ a: "b" }),
    };
    await provider.create(call("core/v1:Secret"), inputs);
    expect(server.asked.at(-1)?.body).to.deep.include({ data: { a: "Yg==" } });
    expect(server.asked.at(-1)?.body).to.not.have.property("stringData");
  });

  it("waits by a watch until the object is ready", async () => {
    const ready = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 };
    const { server, call } = await start(({ method, query, body }) => {
      if (query.watch)
        return {
          body: {},
          events: [
            { type: "MODIFIED", object: live(deployment, { status: { observedGeneration: 1 } }) },
            { type: "MODIFIED", object: live(deployment, { status: ready }) },
          ],
        };
      return method === "PATCH" ? { body: live(body ?? {}) } : undefined;
    });
    const { outputs } = await provider.create(call("apps/v1:Deployment"), deployment);
    expect((outputs.status as JsonObject).availableReplicas).to.equal(1);
    const watch = server.asked.find(({ query }) => query.watch) ?? expect.fail();
    expect(watch.path).to.equal("/apis/apps/v1/namespaces/shop/deployments");
    expect(watch.query).to.include({ fieldSelector: "metadata.name=web", resourceVersion: "7" });
  });

  it("returns the state of what is not ready, with a diagnosis of its pods", async () => {
    const pod = {
      metadata: { name: "web-1", namespace: "shop" },
      status: {
        containerStatuses: [
          { name: "web", ready: false, state: { waiting: { reason: "ImagePullBackOff", message: "no such image" } } },
        ],
      },
    };
    const { call } = await start(
      ({ method, path, query, body }) => {
        if (query.watch) return "hang";
        if (path.endsWith("/pods")) return query.labelSelector === "app=web" ? { body: { items: [pod] } } : undefined;
        if (path.endsWith("/events")) return { body: { items: [{ reason: "FailedCreate", message: "quota" }] } };
        return method === "PATCH" ? { body: live(body ?? {}) } : undefined;
      },
      { timeoutSeconds: 0.2 },
    );
    const error = (await failure(provider.create(call("apps/v1:Deployment"), deployment))) as PartialFailure;
    expect(error).to.be.instanceOf(PartialFailure);
    expect(error.id).to.equal("shop/web");
    expect((error.outputs.metadata as JsonObject).uid).to.equal("u-1");
    expect(error.inputs).to.deep.equal(deployment);
    expect(error.message.split("\n")).to.deep.equal([
      "not ready within 0.2 s: not observed by its controller yet",
      "pod web-1, container web: ImagePullBackOff: no such image",
      "FailedCreate: quota",
    ]);
  });

  it("does not take the last rollout's failure for the next one's, but fails when it stands", async () => {
    const conditions = [
      { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "timed out" },
    ];
    const stale = live(deployment, { status: { observedGeneration: 1, conditions } });
    const ready = live(deployment, {
      status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
    });
    let stands = false;
    const { call } = await start(({ method, query }) => {
      if (query.watch) return { body: {}, events: [{ type: "MODIFIED", object: stands ? stale : ready }] };
      return method === "PATCH" || stands ? { body: stale } : undefined;
    });
    expect((await provider.create(call("apps/v1:Deployment"), deployment)).id).to.equal("shop/web");
    stands = true;
    const change = { oldInputs: deployment, oldOutputs: {}, newInputs: deployment, ignoreChanges: [] };
    expect((await failure(provider.update(call("apps/v1:Deployment"), "shop/web", change))).message).to.match(
      /^timed out/,
    );
  });

  it("does not wait with skipAwait", async () => {
    const { server, call } = await start(({ body }) => (body ? { body: live(body) } : undefined));
    const metadata = { name: "web", namespace: "shop", annotations: { "pulumi.com/skipAwait": "true" } };
    await provider.create(call("apps/v1:Deployment"), { ...deployment, metadata });
    expect(server.asked.some(({ query }) => query.watch)).to.equal(false);
  });

  it("reports the server's warnings", async () => {
    const headers = { warning: '299 - "field is deprecated", 299 - "and \\"this\\" too"' };
    const { call } = await start(({ body }) => (body ? { body: live(body), headers } : undefined));
    const one = call();
    await provider.create(one, configMap);
    expect(one.reported.map(({ message }) => message)).to.deep.equal(["field is deprecated", 'and "this" too']);
  });

  describe("preview", () => {
    it("dry-runs, and changes nothing", async () => {
      const { server, call } = await start(({ body }) => (body ? { body: live(body) } : undefined), { preview: true });
      const { id, outputs } = await provider.create(call(), configMap);
      expect(id).to.equal("");
      expect((outputs.metadata as JsonObject).uid).to.equal(unknown);
      expect(server.asked.filter(({ method }) => method === "PATCH").map(({ query }) => query.dryRun)).to.deep.equal([
        "All",
      ]);
    });

    it("tries objects of a namespace that is not there yet in another one", async () => {
      const bad = refusal(500, "failed to create typed patch object: .dta: field not declared in schema");
      const { server, call } = await start(({ path }) => (path.includes("/default/") ? bad : undefined), {
        preview: true,
      });
      expect((await failure(provider.create(call(), configMap))).message).to.contain("field not declared");
      expect(server.calls()).to.deep.equal([`PATCH ${path}`, "PATCH /api/v1/namespaces/default/configmaps/settings"]);
    });

    it("shows the inputs where there is no cluster yet", async () => {
      const call = callOf("kubernetes:core/v1:ConfigMap", {
        preview: true,
        config: { kubeconfig: kubeconfigFor("http://127.0.0.1:1") },
      });
      const { outputs } = await provider.create(call, configMap);
      expect(outputs.data).to.deep.equal({ a: "1" });
      expect(call.reported[0]?.message).to.match(/cannot reach .*; the object was not validated/);
    });

    it("sends no request while inputs are unknown", async () => {
      const { server, call } = await start(() => undefined, { preview: true });
      await provider.create(call(), { ...configMap, data: { a: unknown } });
      expect(server.asked).to.be.empty;
    });
  });

  describe("diff", () => {
    const change = (oldInputs: Properties, newInputs: Properties) => ({
      oldInputs,
      newInputs,
      oldOutputs: {},
      ignoreChanges: [],
    });
    const scaled = { ...deployment, spec: { ...(deployment.spec as JsonObject), replicas: 3 } };

    it("sends no request if the inputs are equal", async () => {
      const { server, call } = await start(() => undefined);
      expect(await provider.diff(call(), "shop/settings", change(configMap, { ...configMap }))).to.deep.equal({
        changes: false,
      });
      expect(server.asked).to.be.empty;
    });

    it("names what changes in place", async () => {
      const { server, call } = await start(({ body }) => ({ body: live(body ?? {}) }));
      const result = await provider.diff(call("apps/v1:Deployment"), "shop/web", change(deployment, scaled));
      expect(result).to.deep.include({
        changes: true,
        replaces: [],
        detailed: { "spec.replicas": { kind: "update", inputDiff: true } },
      });
      expect(server.asked.at(-1)?.query.dryRun).to.equal("All");
    });

    it("replaces what the server never changes, the old one first as they share a name", async () => {
      const moved = {
        ...deployment,
        spec: { ...(deployment.spec as JsonObject), selector: { matchLabels: { app: "other" } } },
      };
      const { call } = await start(() =>
        refusal(422, "invalid", [{ field: "spec.selector", message: "Invalid value: field is immutable" }]),
      );
      const result = await provider.diff(call("apps/v1:Deployment"), "shop/web", change(deployment, moved));
      expect(result.replaces).to.deep.equal(["spec.selector.matchLabels.app"]);
      expect(result.detailed?.["spec.selector.matchLabels.app"]?.kind).to.equal("update-replace");
      expect(result.deleteBeforeReplace).to.equal(true);
    });

    it("replaces a Secret whose content changes, unless it may be changed", async () => {
      const { server, call } = await start(({ body }) => ({ body: live(body ?? {}) }));
      const own = (value: string) => ({ ...configMap, kind: "Secret", data: {}, stringData: secret({ a: value }) });
      const result = await provider.diff(call("core/v1:Secret"), "shop/settings", change(own("1"), own("2")));
      expect(result).to.deep.include({ replaces: ["stringData.a"], deleteBeforeReplace: true });
      const config = { ...server.config, enableSecretMutable: "true" };
      const mutable = callOf("kubernetes:core/v1:Secret", { config });
      expect((await provider.diff(mutable, "shop/settings", change(own("1"), own("2")))).replaces).to.deep.equal([]);
    });

    it("deletes first also where the namespace is the default one by another spelling", async () => {
      const immutable = () => refusal(422, "invalid", [{ field: "spec.selector", message: "field is immutable" }]);
      const { call } = await start(immutable);
      const implied = { ...deployment, metadata: { name: "web" } };
      const spelt = { ...deployment, metadata: { name: "web", namespace: "default" }, spec: { selector: {} } };
      const result = await provider.diff(call("apps/v1:Deployment"), "web", change(implied, spelt));
      expect(result.deleteBeforeReplace).to.equal(true);
    });

    it("sends no request about unknown values", async () => {
      const { server, call } = await start(() => undefined);
      const open = { ...deployment, spec: { ...(deployment.spec as JsonObject), replicas: unknown } };
      const result = await provider.diff(call("apps/v1:Deployment"), "shop/web", change(deployment, open));
      expect(result).to.deep.include({ changes: true, replaces: [] });
      expect(server.asked).to.be.empty;
    });

    it("leaves other errors to the update, which reports them", async () => {
      const { call } = await start(() =>
        refusal(422, "invalid", [{ field: "spec.replicas", message: "must be positive" }]),
      );
      expect(
        (await provider.diff(call("apps/v1:Deployment"), "shop/web", change(deployment, scaled))).replaces,
      ).to.deep.equal([]);
    });

    it("replaces a ConfigMap whose content changes, beside the old one where the name is ours", async () => {
      const { call } = await start(() => undefined);
      const own = (value: string) => ({
        ...configMap,
        metadata: { name: "settings-1", annotations: { "pulumi.com/autonamed": "true" } },
        data: { a: value },
      });
      const result = await provider.diff(call(), "shop/settings-1", change(own("1"), own("2")));
      expect(result.replaces).to.deep.equal(["data.a"]);
      expect(result.deleteBeforeReplace).to.equal(false);
      const mutable = callOf("kubernetes:core/v1:ConfigMap", {
        config: { ...server?.config, enableConfigMapMutable: "true" },
      });
      expect((await provider.diff(mutable, "shop/settings-1", change(own("1"), own("2")))).replaces).to.deep.equal([]);
    });

    it("replaces an object that gets another name or namespace, but not for one that is not known yet", async () => {
      const { call } = await start(() => undefined);
      const named = (metadata: JsonObject) => ({ ...deployment, metadata });
      const renamed = await provider.diff(call(), "x", change(named({ name: "a" }), named({ name: "b" })));
      expect(renamed).to.deep.include({ replaces: ["metadata.name"], deleteBeforeReplace: false });
      const moved = await provider.diff(
        call(),
        "x",
        change(named({ name: "a" }), named({ name: "a", namespace: "other" })),
      );
      expect(moved.replaces).to.deep.equal(["metadata.namespace"]);
      const same = await provider.diff(
        call(),
        "x",
        change(named({ name: "a" }), named({ name: "a", namespace: "default" })),
      );
      expect(same.replaces).to.deep.equal([]);
      const open = await provider.diff(call(), "x", change(named({ name: "a" }), named({ name: unknown })));
      expect(open.replaces).to.deep.equal([]);
    });
  });

  describe("read", () => {
    it("returns nothing for what is gone", async () => {
      const { call } = await start(() => undefined);
      expect(await provider.read(call(), "shop/settings", { oldInputs: configMap, oldOutputs: {} })).to.equal(
        undefined,
      );
    });

    it("keeps inputs without drift, and returns all of an import", async () => {
      const { call } = await start(() => ({ body: live({ ...configMap, data: { a: "1", b: "2" } }) }));
      const refreshed = await provider.read(call(), "shop/settings", { oldInputs: configMap, oldOutputs: {} });
      expect(refreshed?.inputs).to.deep.equal(configMap);
      const imported = await provider.read(call(), "shop/settings", { oldInputs: {}, oldOutputs: {} });
      expect(imported?.inputs.data).to.deep.equal({ a: "1", b: "2" });
      expect(imported?.id).to.equal("shop/settings");
    });
  });

  describe("delete", () => {
    const state = { oldInputs: configMap, oldOutputs: live(configMap) };

    it("waits until just this object is gone", async () => {
      let deleted = false;
      const { server, call } = await start(({ method, query }) => {
        if (query.watch) return { body: {}, events: [{ type: "DELETED", object: live(configMap) }] };
        if (method === "DELETE") deleted = true;
        return method === "DELETE" || !deleted ? { body: live(configMap) } : undefined;
      });
      await provider.delete(call(), "shop/settings", state);
      const { body } = server.asked.find(({ method }) => method === "DELETE") ?? expect.fail();
      expect(body).to.deep.include({ propagationPolicy: "Foreground", preconditions: { uid: "u-1" } });
      expect(server.asked.some(({ query }) => query.watch)).to.equal(true);
    });

    it("leaves an object alone that took the name since", async () => {
      const other = live(configMap);
      (other.metadata as JsonObject).uid = "u-2";
      const { server, call } = await start(() => ({ body: other }));
      await provider.delete(call(), "shop/settings", state);
      expect(server.asked.some(({ method }) => method === "DELETE")).to.equal(false);
    });

    it("reports the finalizers of an object that remains", async () => {
      const held = live(configMap);
      (held.metadata as JsonObject).finalizers = ["example.com/hold"];
      const { call } = await start(({ query }) => (query.watch ? "hang" : { body: held }), { timeoutSeconds: 0.2 });
      expect((await failure(provider.delete(call(), "shop/settings", state))).message).to.contain(
        "blocked by finalizers example.com/hold",
      );
    });

    it("reports the unreachable cluster and the remedy; drops the object on request", async () => {
      const config = { kubeconfig: kubeconfigFor("http://127.0.0.1:1") };
      const message = (
        await failure(provider.delete(callOf("kubernetes:core/v1:ConfigMap", { config }), "shop/settings", state))
      ).message;
      expect(message).to.match(
        /ConfigMap shop\/settings cannot be deleted: cannot reach the Kubernetes API server http:\/\/127.0.0.1:1: .*ECONNREFUSED.*deleteUnreachable/,
      );
      const call = callOf("kubernetes:core/v1:ConfigMap", { config: { ...config, deleteUnreachable: "true" } });
      await provider.delete(call, "shop/settings", state);
      expect(call.reported[0]?.severity).to.equal("warning");
    });
  });

  it("stops waiting when the engine cancels", async () => {
    const controller = new AbortController();
    const { call } = await start(
      ({ query, body }) => (query.watch ? "hang" : body ? { body: live(body) } : undefined),
      { signal: controller.signal },
    );
    const creating = failure(provider.create(call("apps/v1:Deployment"), deployment));
    setTimeout(() => controller.abort(new Error("cancelled by the engine")), 100);
    expect((await creating).message).to.equal("cancelled by the engine");
  });
});

describe("errors of the API server", () => {
  const error = (code: number, message: string, causes: JsonObject[] = []) =>
    new ApiError(code, { message, details: { causes } });
  // Wordings of Kubernetes 1.37 for a Deployment, StatefulSet, Job, claim, Service, role binding, priority class and Secret.
  const immutable: [string, string][] = [
    ["spec.selector", "Invalid value: {}: field is immutable"],
    [
      "spec",
      "Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template' are forbidden",
    ],
    ["spec.template", "Invalid value: {}: field is immutable"],
    [
      "spec",
      "Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
    ],
    ["spec.clusterIPs[0]", 'Invalid value: ["10.0.0.1"]: may not change once set'],
    ["roleRef", "Invalid value: {}: cannot change roleRef"],
    ["value", "Forbidden: may not be changed in an update."],
    ["type", 'Invalid value: "Opaque": field is immutable'],
  ];

  it("are recognized as immutable fields", () => {
    for (const [field, message] of immutable) {
      expect(immutableFields(error(422, "is invalid", [{ field, message }])), message).to.deep.equal([field]);
    }
  });

  it("are distinguished from invalid values, conflicts and missing permissions", () => {
    const invalid = error(422, "is invalid", [
      { field: "spec.replicas", message: "Invalid value: -1: must be greater than or equal to 0" },
    ]);
    expect(immutableFields(invalid)).to.deep.equal([]);
    expect(isInvalidObject(invalid)).to.equal(true);
    expect(isInvalidObject(error(500, "failed to create typed patch object"))).to.equal(true);
    expect(immutableFields(error(409, "conflict: field is immutable"))).to.deep.equal([]);
    expect(isInvalidObject(error(403, "forbidden"))).to.equal(false);
    expect(isInvalidObject(error(500, "etcd is away"))).to.equal(false);
  });
});
