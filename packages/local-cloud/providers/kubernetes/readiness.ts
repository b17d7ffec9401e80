/**
 * Readiness by kind, with the rules of the official provider, except that a Service requires no endpoints: those of a
 * scaled-down site have none.
 */
import type { JsonObject } from "../values.ts";
import { annotationOf, annotations, member, metadataOf, number, objects, text } from "./objects.ts";

/** `failed` is final. */
export type Readiness = { state: "ready" } | { state: "pending" | "failed"; why: string };

const ready: Readiness = { state: "ready" };
const pending = (why: string): Readiness => ({ state: "pending", why });
const failed = (why: string): Readiness => ({ state: "failed", why });

const rules: Record<string, (object: JsonObject) => Readiness> = {
  "apps/Deployment": deployment,
  "apps/ReplicaSet": replicaSet,
  "apps/StatefulSet": statefulSet,
  "apps/DaemonSet": daemonSet,
  "batch/Job": job,
  "/Pod": pod,
  "/Service": service,
  "/PersistentVolume": volume,
  "/PersistentVolumeClaim": volumeClaim,
  "apiextensions.k8s.io/CustomResourceDefinition": definition,
};

/** Readiness of an object's state; kinds without a rule are ready at once. */
export function readinessOf(object: JsonObject): Readiness {
  const apiVersion = String(object.apiVersion);
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  const judged = rules[`${group}/${String(object.kind)}`]?.(object) ?? ready;
  if (judged.state !== "ready") return judged;
  const awaited = annotationOf(object, annotations.waitFor);
  return awaited === undefined ? ready : awaitedCondition(object, awaited);
}

const status = (object: JsonObject, field: string) => member(object, "status", field);
const count = (object: JsonObject, field: string): number => number(status(object, field)) ?? 0;
const replicas = (object: JsonObject): number => number(member(object, "spec", "replicas")) ?? 1;
const condition = (object: JsonObject, type: string): JsonObject | undefined =>
  objects(status(object, "conditions")).find((one) => one.type === type);
const isTrue = (one: JsonObject | undefined): boolean => one?.status === "True";
const message = (one: JsonObject | undefined): string => text(one?.message) ?? text(one?.reason) ?? "";

/** Whether the status refers to the current generation. */
const observed = (object: JsonObject): boolean =>
  count(object, "observedGeneration") >= (number(metadataOf(object).generation) ?? 0);

function deployment(object: JsonObject): Readiness {
  if (!observed(object)) return pending("not observed by its controller yet");
  const progress = condition(object, "Progressing");
  if (progress?.reason === "ProgressDeadlineExceeded") return failed(message(progress));
  const want = replicas(object);
  const [all, updated, available] = ["replicas", "updatedReplicas", "availableReplicas"].map((field) =>
    count(object, field),
  );
  if (all === want && updated === want && available === want) return ready;
  const refusal = condition(object, "ReplicaFailure");
  const old = (all ?? 0) - (updated ?? 0);
  return pending(
    `${available}/${want} pods available, ${updated} up to date` +
      (old > 0 ? `, ${old} old pods terminating` : "") +
      (isTrue(refusal) ? `; ${message(refusal)}` : ""),
  );
}

function replicaSet(object: JsonObject): Readiness {
  if (!observed(object)) return pending("not observed by its controller yet");
  const want = replicas(object);
  const available = count(object, "availableReplicas");
  return available === want && count(object, "replicas") === want
    ? ready
    : pending(`${available}/${want} pods available`);
}

function statefulSet(object: JsonObject): Readiness {
  if (!observed(object)) return pending("not observed by its controller yet");
  const want = replicas(object);
  const readyPods = count(object, "readyReplicas");
  if (readyPods !== want || count(object, "replicas") !== want) return pending(`${readyPods}/${want} pods ready`);
  const strategy = member(object, "spec", "updateStrategy");
  const partition = number(member(strategy, "rollingUpdate", "partition")) ?? 0;
  if (member(strategy, "type") === "OnDelete" || partition > 0) return ready;
  const updated = count(object, "updatedReplicas");
  if (status(object, "currentRevision") === status(object, "updateRevision") || updated === want) return ready;
  return pending(`${updated}/${want} pods up to date`);
}

function daemonSet(object: JsonObject): Readiness {
  if (!observed(object)) return pending("not observed by its controller yet");
  const want = count(object, "desiredNumberScheduled");
  const onDelete = member(object, "spec", "updateStrategy", "type") === "OnDelete";
  const updated = onDelete ? want : count(object, "updatedNumberScheduled");
  const readyPods = count(object, "numberReady");
  return readyPods === want && updated === want
    ? ready
    : pending(`${readyPods}/${want} pods ready, ${updated} up to date`);
}

function job(object: JsonObject): Readiness {
  const failure = condition(object, "Failed");
  if (isTrue(failure)) return failed(message(failure));
  if (isTrue(condition(object, "Complete")) || member(object, "spec", "suspend") === true) return ready;
  const want = number(member(object, "spec", "completions")) ?? 1;
  return pending(`${count(object, "succeeded")}/${want} completed`);
}

function pod(object: JsonObject): Readiness {
  const phase = text(status(object, "phase")) ?? "Pending";
  if (phase === "Succeeded" || isTrue(condition(object, "Ready"))) return ready;
  return phase === "Failed" ? failed(text(status(object, "message")) ?? "the pod failed") : pending(`phase ${phase}`);
}

function service(object: JsonObject): Readiness {
  if (member(object, "spec", "type") !== "LoadBalancer") return ready;
  return objects(member(object, "status", "loadBalancer", "ingress")).length > 0
    ? ready
    : pending("no load-balancer address yet");
}

function volume(object: JsonObject): Readiness {
  const phase = text(status(object, "phase")) ?? "Pending";
  if (phase === "Available" || phase === "Bound") return ready;
  return phase === "Failed"
    ? failed(text(status(object, "message")) ?? "the volume failed")
    : pending(`phase ${phase}`);
}

function volumeClaim(object: JsonObject): Readiness {
  const phase = text(status(object, "phase")) ?? "Pending";
  if (phase === "Bound") return ready;
  return phase === "Lost" ? failed("its volume is lost") : pending(`phase ${phase}`);
}

function definition(object: JsonObject): Readiness {
  const names = condition(object, "NamesAccepted");
  if (names?.status === "False") return failed(message(names));
  return isTrue(condition(object, "Established")) ? ready : pending("not established yet");
}

/** Values of `pulumi.com/waitFor`: `condition=Ready` or `condition=Ready=False`. */
export const waitForPattern = /^condition=([\w.-]+)(?:=(True|False|Unknown))?$/;

function awaitedCondition(object: JsonObject, awaited: string): Readiness {
  const [, type = "", value = "True"] = waitForPattern.exec(awaited) ?? [];
  const found = text(condition(object, type)?.status);
  return found === value ? ready : pending(`condition ${type} is ${found ?? "missing"}, expected ${value}`);
}
