import { expect } from "chai";
import { readinessOf } from "../../../providers/kubernetes/readiness.ts";
import type { JsonObject } from "../../../providers/values.ts";

const judged = (object: JsonObject) => readinessOf({ metadata: { name: "x", generation: 2 }, ...object }).state;

const deployment = (status: JsonObject, replicas: number | null = 2): JsonObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  spec: replicas === null ? {} : { replicas },
  status: { observedGeneration: 2, ...status },
});
const full = { replicas: 2, updatedReplicas: 2, availableReplicas: 2 };

describe("readiness", () => {
  it("of a Deployment: every pod is new and available, none is left over", () => {
    expect(judged(deployment(full))).to.equal("ready");
    for (const field of Object.keys(full))
      expect(judged(deployment({ ...full, [field]: 1 })), field).to.equal("pending");
    expect(judged(deployment({ ...full, replicas: 3 }))).to.equal("pending");
    expect(judged(deployment({ ...full, observedGeneration: 1 }))).to.equal("pending");
    expect(judged(deployment({}, 0))).to.equal("ready");
    expect(judged(deployment({ replicas: 1, updatedReplicas: 1, availableReplicas: 1 }, null))).to.equal("ready");
  });

  it("of a Deployment: fails when its deadline has passed", () => {
    const conditions = [
      { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "timed out" },
    ];
    expect(readinessOf({ metadata: {}, ...deployment({ conditions }) })).to.deep.equal({
      state: "failed",
      why: "timed out",
    });
  });

  it("of a Deployment: includes the controller's error", () => {
    const conditions = [{ type: "ReplicaFailure", status: "True", message: "violates PodSecurity" }];
    const readiness = readinessOf({ metadata: {}, ...deployment({ conditions }) });
    expect(readiness).to.deep.equal({
      state: "pending",
      why: "0/2 pods available, 0 up to date; violates PodSecurity",
    });
  });

  it("of a StatefulSet: every pod is ready and of the newest revision, unless pods are updated by hand", () => {
    const set = (status: JsonObject, spec: JsonObject = {}): JsonObject => ({
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      spec: { replicas: 1, ...spec },
      status: {
        observedGeneration: 2,
        replicas: 1,
        readyReplicas: 1,
        currentRevision: "a",
        updateRevision: "a",
        ...status,
      },
    });
    expect(judged(set({}))).to.equal("ready");
    expect(judged(set({ readyReplicas: 0 }))).to.equal("pending");
    expect(judged(set({ updateRevision: "b" }))).to.equal("pending");
    expect(judged(set({ updateRevision: "b" }, { updateStrategy: { type: "OnDelete" } }))).to.equal("ready");
    expect(judged(set({ replicas: 0, readyReplicas: 0, updateRevision: "b" }, { replicas: 0 }))).to.equal("ready");
    expect(judged(set({ replicas: 1, readyReplicas: 0 }, { replicas: 0 }))).to.equal("pending");
  });

  it("of a DaemonSet: every node has a ready pod of the newest version", () => {
    const set = (status: JsonObject): JsonObject => ({
      apiVersion: "apps/v1",
      kind: "DaemonSet",
      status: { observedGeneration: 2, ...status },
    });
    expect(judged(set({ desiredNumberScheduled: 1, numberReady: 1, updatedNumberScheduled: 1 }))).to.equal("ready");
    expect(judged(set({ desiredNumberScheduled: 1, numberReady: 1, updatedNumberScheduled: 0 }))).to.equal("pending");
    expect(judged(set({ desiredNumberScheduled: 0 }))).to.equal("ready");
  });

  it("of a Job: complete or suspended; failed when it failed", () => {
    const job = (status: JsonObject, spec: JsonObject = {}): JsonObject => ({
      apiVersion: "batch/v1",
      kind: "Job",
      spec,
      status,
    });
    expect(judged(job({ conditions: [{ type: "Complete", status: "True" }] }))).to.equal("ready");
    expect(judged(job({}))).to.equal("pending");
    expect(judged(job({}, { suspend: true }))).to.equal("ready");
    expect(judged(job({ conditions: [{ type: "Failed", status: "True", message: "limit" }] }))).to.equal("failed");
  });

  it("of volumes and claims: bound; a lost claim fails", () => {
    const claim = (phase: string): JsonObject => ({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      status: { phase },
    });
    expect(["Bound", "Pending", "Lost"].map((phase) => judged(claim(phase)))).to.deep.equal([
      "ready",
      "pending",
      "failed",
    ]);
    const volume = (phase: string): JsonObject => ({ apiVersion: "v1", kind: "PersistentVolume", status: { phase } });
    expect(["Available", "Bound", "Pending", "Failed"].map((phase) => judged(volume(phase)))).to.deep.equal([
      "ready",
      "ready",
      "pending",
      "failed",
    ]);
  });

  it("of a Service: at once, but a load balancer requires an address", () => {
    const service = (type: string, ingress: JsonObject[]): JsonObject => ({
      apiVersion: "v1",
      kind: "Service",
      spec: { type },
      status: { loadBalancer: { ingress } },
    });
    expect(judged(service("ClusterIP", []))).to.equal("ready");
    expect(judged(service("LoadBalancer", []))).to.equal("pending");
    expect(judged(service("LoadBalancer", [{ ip: "10.0.0.1" }]))).to.equal("ready");
  });

  it("of a CustomResourceDefinition: established, its names accepted", () => {
    const definition = (conditions: JsonObject[]): JsonObject => ({
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      status: { conditions },
    });
    expect(judged(definition([]))).to.equal("pending");
    expect(judged(definition([{ type: "Established", status: "True" }]))).to.equal("ready");
    expect(judged(definition([{ type: "NamesAccepted", status: "False", message: "taken" }]))).to.equal("failed");
  });

  it("of a Pod: ready or done", () => {
    const pod = (status: JsonObject): JsonObject => ({ apiVersion: "v1", kind: "Pod", status });
    expect(judged(pod({ phase: "Running", conditions: [{ type: "Ready", status: "False" }] }))).to.equal("pending");
    expect(judged(pod({ phase: "Running", conditions: [{ type: "Ready", status: "True" }] }))).to.equal("ready");
    expect(judged(pod({ phase: "Succeeded" }))).to.equal("ready");
    expect(judged(pod({ phase: "Failed" }))).to.equal("failed");
  });

  it("waits for the condition that an annotation names", () => {
    const custom = (waitFor: string, conditions: JsonObject[]) =>
      readinessOf({
        apiVersion: "x/v1",
        kind: "Thing",
        metadata: { annotations: { "pulumi.com/waitFor": waitFor } },
        status: { conditions },
      }).state;
    expect(custom("condition=Synced", [])).to.equal("pending");
    expect(custom("condition=Synced", [{ type: "Synced", status: "True" }])).to.equal("ready");
    expect(custom("condition=Stalled=False", [{ type: "Stalled", status: "True" }])).to.equal("pending");
  });

  it("of any other kind: at once, also of one that shares a name with a known kind", () => {
    expect(judged({ apiVersion: "v1", kind: "ConfigMap" })).to.equal("ready");
    expect(judged({ apiVersion: "serving.knative.dev/v1", kind: "Service", spec: { type: "LoadBalancer" } })).to.equal(
      "ready",
    );
  });
});
