import { expect } from "chai";
import { adoptedManagers, fieldManagerOf, forcesConflicts } from "../../../providers/kubernetes/field-managers.ts";
import { kubernetesProvider } from "../../../providers/kubernetes/index.ts";
import { plainObject, type JsonObject, type Properties } from "../../../providers/values.ts";
import { callOf } from "../support.ts";
import { refusal, startFakeApiServer, type FakeApiServer } from "./fake-api-server.ts";

const provider = kubernetesProvider();
const type = "kubernetes:core/v1:ConfigMap";
const own = "pulumi-kubernetes-0a1b2c3d";
const configMap: Properties = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings", namespace: "shop" },
  data: { a: "1" },
};
const annotated = (annotation: JsonObject): JsonObject => ({
  ...configMap,
  metadata: { name: "settings", namespace: "shop", annotations: annotation },
});
const owner = (manager: string, operation: string, fields: string[], subresource?: string): JsonObject => ({
  manager,
  operation,
  apiVersion: "v1",
  fieldsV1: { "f:data": Object.fromEntries(fields.map((field) => [`f:${field}`, {}])) },
  ...(subresource !== undefined && { subresource }),
});
const ours = owner(own, "Apply", ["a"]);
const live = (...managedFields: JsonObject[]): JsonObject => ({
  ...plainObject(configMap),
  metadata: { name: "settings", namespace: "shop", uid: "u-1", managedFields },
});

describe("the field manager of a resource", () => {
  it("is a name of its own that its state keeps, or the one that the object names", () => {
    expect(fieldManagerOf(configMap)).to.match(/^pulumi-kubernetes-[0-9a-f]{8}$/);
    expect(fieldManagerOf(configMap)).not.to.equal(fieldManagerOf(configMap));
    expect(fieldManagerOf(configMap, { __fieldManager: own })).to.equal(own);
    const named = annotated({ "pulumi.com/patchFieldManager": "me" });
    expect(fieldManagerOf(named, { __fieldManager: own })).to.equal("me");
  });
});

describe("other managers' fields", () => {
  const updating = callOf(type);
  const previewing = callOf(type, { preview: true });

  it("are left to them by a create and an update", () => {
    expect(forcesConflicts(updating, configMap, undefined)).to.equal(false);
    expect(forcesConflicts(updating, configMap, live(ours, owner("tester", "Update", ["a"])))).to.equal(false);
  });

  it("are taken over with the provider's argument, unless the object's annotation forbids it", () => {
    const willing = callOf(type, { config: { enablePatchForce: "true" } });
    expect(forcesConflicts(willing, configMap, live(ours))).to.equal(true);
    expect(forcesConflicts(willing, annotated({ "pulumi.com/patchForce": "false" }), live(ours))).to.equal(false);
    expect(forcesConflicts(updating, annotated({ "pulumi.com/patchForce": "true" }), live(ours))).to.equal(true);
  });

  it("are taken over by a preview of something new, and of what an update would adopt, unless that is switched off", () => {
    expect(forcesConflicts(previewing, configMap, undefined)).to.equal(true);
    const before = live(owner("pulumi-resource-kubernetes", "Update", ["a"]));
    expect(forcesConflicts(previewing, configMap, before)).to.equal(true);
    expect(forcesConflicts(updating, configMap, before)).to.equal(false);
    expect(forcesConflicts(previewing, configMap, live(ours, owner("kubectl-edit", "Update", ["a"])))).to.equal(false);
    const unwilling = callOf(type, { preview: true, config: { enablePatchForce: "false" } });
    expect(forcesConflicts(unwilling, configMap, undefined)).to.equal(false);
  });

  it("are taken over where there are no managed fields", () => {
    expect(forcesConflicts(updating, configMap, live())).to.equal(true);
  });
});

describe("fields of client-side tools", () => {
  for (const manager of ["kubectl-client-side-apply", "kubectl-edit", "before-first-apply", "pulumi-kubernetes"]) {
    it(`are adopted from ${manager}`, () => {
      const other = owner("controller", "Update", ["c"]);
      const managers = adoptedManagers(live(ours, owner(manager, "Update", ["b"]), other), own);
      expect(managers).to.deep.equal([other, owner(own, "Apply", ["a", "b"])]);
    });
  }

  it("are adopted from a forced server-side kubectl apply, also where the resource owns nothing yet", () => {
    expect(adoptedManagers(live(owner("kubectl", "Apply", ["a"])), own)).to.deep.equal([ours]);
  });

  it("are not adopted from a subresource such as scale, nor from anybody else", () => {
    expect(adoptedManagers(live(ours, owner("kubectl", "Update", ["a"], "scale")), own)).to.equal(undefined);
    expect(adoptedManagers(live(ours, owner("unknown", "Update", ["a"])), own)).to.equal(undefined);
    expect(adoptedManagers(live(ours, owner("argocd", "Apply", ["a"])), own)).to.equal(undefined);
  });

  it("keep a field that one owns as a whole and another by its members", () => {
    const whole = { ...owner("kubectl-edit", "Update", []), fieldsV1: { "f:data": {} } };
    const [merged] = adoptedManagers(live(ours, whole), own) ?? [];
    expect(merged?.fieldsV1).to.deep.equal({ "f:data": { ".": {}, "f:a": {} } });
  });
});

describe("an update under server-side apply", () => {
  let server: FakeApiServer;
  afterEach(() => server.stop());

  const change = {
    oldInputs: configMap,
    newInputs: { ...configMap, data: { a: "2" } },
    oldOutputs: { __fieldManager: own },
    ignoreChanges: [],
  };
  const update = (changes: object = {}) =>
    provider.update(callOf(type, { config: server.config, ...changes }), "shop/settings", change);

  it("adopts what kubectl left before it applies under the name of its state, by force never", async () => {
    server = await startFakeApiServer(({ method, body }) =>
      method === "GET"
        ? { body: live(ours, owner("kubectl-edit", "Update", ["b"])) }
        : {
            body: Array.isArray(body) ? live() : { ...body, metadata: { ...(body?.metadata as JsonObject), uid: "u" } },
          },
    );
    const { outputs } = await update();
    expect(outputs.__fieldManager).to.equal(own);
    const [adoption, applied] = server.asked.filter(({ method }) => method === "PATCH");
    expect(adoption?.body).to.deep.equal([
      { op: "replace", path: "/metadata/managedFields", value: [owner(own, "Apply", ["a", "b"])] },
    ]);
    expect(applied?.query).to.include({ fieldManager: own, force: "false" });
  });

  it("adopts nothing in a preview", async () => {
    server = await startFakeApiServer(() => ({ body: live(ours, owner("kubectl-edit", "Update", ["b"])) }));
    await update({ preview: true });
    const patches = server.asked.filter(({ method }) => method === "PATCH");
    expect(patches.map(({ query }) => [query.dryRun, query.force])).to.deep.equal([["All", "false"]]);
  });

  for (const preview of [true, false]) {
    it(`names object, managers and remedy of a conflict, ${preview ? "in a preview already" : "in the update"}`, async () => {
      const conflict = 'Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale": .data.a';
      server = await startFakeApiServer(({ method }) =>
        method === "GET" ? { body: live(ours) } : refusal(409, conflict),
      );
      const error = await update({ preview }).then(
        () => expect.fail("was not refused"),
        (reason: Error) => reason,
      );
      expect(error.message).to.equal(
        `ConfigMap shop/settings: other managers own fields that ${own} would change: ${conflict}. ` +
          "Remove those fields from the program, or take them over once with PULUMI_K8S_ENABLE_PATCH_FORCE=true in the environment",
      );
    });
  }

  it("keeps the name through a refresh", async () => {
    server = await startFakeApiServer(() => ({ body: live(ours) }));
    const call = callOf(type, { config: server.config });
    const state = { oldInputs: configMap, oldOutputs: { __fieldManager: own } };
    expect((await provider.read(call, "shop/settings", state))?.outputs.__fieldManager).to.equal(own);
  });
});
