/** Diagnoses an object that is not ready, from its pods, container states, logs and events. */
import type { Json, JsonObject } from "../values.ts";
import type { Cluster } from "./cluster.ts";
import { member, metadataOf, number, objects, text } from "./objects.ts";

const linesOfLog = 5;
const mostEvents = 3;

/** Never throws: a failing diagnosis must not hide the original failure. */
export async function diagnosisOf(cluster: Cluster, object: JsonObject): Promise<string[]> {
  const found = await Promise.allSettled([diagnosePods(cluster, object), diagnoseEvents(cluster, object)]);
  return [...new Set(found.flatMap((one) => (one.status === "fulfilled" ? one.value : [])))];
}

async function diagnosePods(cluster: Cluster, object: JsonObject): Promise<string[]> {
  const pods = object.kind === "Pod" ? [object] : await podsOf(cluster, object);
  const findings = await Promise.all(pods.map((pod) => diagnosePod(cluster, pod)));
  return findings.flat();
}

async function podsOf(cluster: Cluster, object: JsonObject): Promise<JsonObject[]> {
  const labels = member(object, "spec", "selector", "matchLabels");
  const namespace = text(metadataOf(object).namespace);
  if (labels === undefined || namespace === undefined) return [];
  const labelSelector = Object.entries(labels as JsonObject)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(",");
  return cluster.list("pods", namespace, { labelSelector });
}

async function diagnosePod(cluster: Cluster, pod: JsonObject): Promise<string[]> {
  const name = String(metadataOf(pod).name);
  const scheduled = objects(member(pod, "status", "conditions")).find((one) => one.type === "PodScheduled");
  const unscheduled =
    scheduled?.status === "False" ? [`pod ${name}: ${text(scheduled.message) ?? "cannot be scheduled"}`] : [];
  const containers = ["initContainerStatuses", "containerStatuses"].flatMap((field) =>
    objects(member(pod, "status", field)),
  );
  const troubles = await Promise.all(containers.map((container) => diagnoseContainer(cluster, pod, container)));
  return [...unscheduled, ...troubles.flat()];
}

async function diagnoseContainer(cluster: Cluster, pod: JsonObject, container: JsonObject): Promise<string[]> {
  const { state, lastState } = container;
  const waiting = member(state, "waiting");
  const ended = member(state, "terminated") ?? member(lastState, "terminated");
  const exitCode = number(member(ended, "exitCode")) ?? 0;
  const where = `pod ${String(metadataOf(pod).name)}, container ${String(container.name)}`;
  const findings: string[] = [];
  if (waiting !== undefined && member(waiting, "reason") !== "PodInitializing")
    findings.push(`${where}: ${reason(waiting)}`);
  if (exitCode !== 0) {
    const log = await lastLines(cluster, pod, String(container.name));
    findings.push(`${where}: terminated with exit code ${exitCode}${log === "" ? "" : `: ${log}`}`);
  }
  const quiet = findings.length === 0 && container.ready === false && member(state, "running") !== undefined;
  return quiet ? [`${where}: running, but not ready`] : findings;
}

const reason = (state: Json): string =>
  [text(member(state, "reason")), text(member(state, "message"))].filter(Boolean).join(": ") || "waiting";

async function lastLines(cluster: Cluster, pod: JsonObject, container: string): Promise<string> {
  const { name, namespace } = metadataOf(pod);
  const log = await cluster.log(String(namespace), String(name), container, linesOfLog).catch(() => "");
  return log.trim().split("\n").join(" | ");
}

async function diagnoseEvents(cluster: Cluster, object: JsonObject): Promise<string[]> {
  const { namespace, uid } = metadataOf(object);
  if (typeof namespace !== "string" || typeof uid !== "string") return [];
  const events = await cluster.list("events", namespace, { fieldSelector: `involvedObject.uid=${uid},type=Warning` });
  return events.slice(-mostEvents).map((event) => `${String(event.reason)}: ${String(event.message)}`);
}
