import { expect } from "chai";
import { check } from "../../../providers/kubernetes/check.ts";
import { fromId, idOf, kindOf } from "../../../providers/kubernetes/objects.ts";
import { plainObject, secret, unknown, type JsonObject, type Properties } from "../../../providers/values.ts";
import { callOf } from "../support.ts";

const call = callOf("kubernetes:core/v1:ConfigMap");
const metadataAfter = async (inputs: Properties, old?: Properties) =>
  plainObject((await check(call, old, inputs)).inputs).metadata as JsonObject;

describe("kinds", () => {
  it("are read from the type, the core group without a name", () => {
    expect(kindOf("kubernetes:core/v1:Pod")).to.deep.equal({ apiVersion: "v1", kind: "Pod" });
    expect(kindOf("kubernetes:apps/v1:Deployment")).to.deep.equal({ apiVersion: "apps/v1", kind: "Deployment" });
    expect(kindOf("kubernetes:rbac.authorization.k8s.io/v1beta1:Role").apiVersion).to.equal(
      "rbac.authorization.k8s.io/v1beta1",
    );
  });

  it("are refused where they are no single API object", () => {
    for (const type of ["core/v1:ConfigMapList", "apps/v1:DeploymentPatch", "helm.sh/v3:Release", "yaml:ConfigFile"]) {
      expect(() => kindOf(`kubernetes:${type}`), type).to.throw("not supported");
    }
  });

  it("make ids that can be read back", () => {
    const object = { apiVersion: "v1", kind: "Pod", metadata: { name: "a", namespace: "b" } };
    expect(idOf(object)).to.equal("b/a");
    expect(fromId("b/a", { apiVersion: "v1", kind: "Pod" })).to.include({ name: "a", namespace: "b" });
    expect(fromId("a", { apiVersion: "v1", kind: "Pod" })).to.not.have.property("namespace");
  });
});

describe("check", () => {
  it("completes the kind and gives a name of its own, marked as such", async () => {
    const { inputs } = await check(call, undefined, { metadata: { labels: { a: "b" } } });
    expect(inputs).to.include({ apiVersion: "v1", kind: "ConfigMap" });
    const { name, labels, annotations } = inputs.metadata as JsonObject;
    expect(name).to.match(/^thing-[0-9a-f]{8}$/);
    expect(labels).to.deep.equal({ a: "b" });
    expect(annotations).to.deep.equal({ "pulumi.com/autonamed": "true" });
  });

  it("keeps a name that it gave, and leaves a given one alone", async () => {
    const first = (await check(call, undefined, {})).inputs;
    const again = await metadataAfter({}, first);
    expect(again.name).to.equal((first.metadata as JsonObject).name);
    const given = await metadataAfter({ metadata: { name: "mine" } });
    expect(given).to.deep.equal({ name: "mine" });
    expect((await metadataAfter({}, { metadata: { name: "mine" } })).name).to.not.equal("mine");
  });

  it("waits with the name until the metadata are known, and keeps secret metadata secret", async () => {
    expect((await check(call, undefined, { metadata: unknown })).inputs.metadata).to.equal(unknown);
    const { inputs } = await check(call, undefined, { metadata: secret({ labels: { a: "b" } }) });
    expect(Object.keys(inputs.metadata as JsonObject)).to.include("value");
    expect((plainObject(inputs).metadata as JsonObject).name).to.match(/^thing-/);
  });

  it("names every wrong annotation at once", async () => {
    const annotations = {
      "pulumi.com/timeoutSeconds": "soon",
      "pulumi.com/waitFor": "jsonpath={.status.phase}",
      "pulumi.com/deletionPropagationPolicy": "sideways",
    };
    const { failures } = await check(call, undefined, { metadata: { generateName: "x-", annotations } });
    expect(failures?.map(({ property }) => property)).to.deep.equal([
      "metadata.generateName",
      'metadata.annotations["pulumi.com/timeoutSeconds"]',
      'metadata.annotations["pulumi.com/waitFor"]',
      'metadata.annotations["pulumi.com/deletionPropagationPolicy"]',
    ]);
    const right = {
      "pulumi.com/timeoutSeconds": "30",
      "pulumi.com/waitFor": "condition=Ready",
      "pulumi.com/deletionPropagationPolicy": "orphan",
    };
    expect((await check(call, undefined, { metadata: { name: "x", annotations: right } })).failures).to.deep.equal([]);
  });
});
