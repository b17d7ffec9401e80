/** Watches an object until it is ready or gone. */
import { setTimeout as delay } from "node:timers/promises";
import type { ProviderCall } from "../provider.ts";
import { equal, type JsonObject } from "../values.ts";
import type { Cluster } from "./cluster.ts";
import { diagnosisOf } from "./diagnosis.ts";
import { ApiError, Unreachable } from "./errors.ts";
import {
  annotationOf,
  annotations,
  describe,
  member,
  metadataOf,
  referenceOf,
  text,
  type ObjectReference,
} from "./objects.ts";
import { readinessOf } from "./readiness.ts";

/** As in the official provider. */
const defaultTimeoutSeconds = 600;
/** Tolerated outage of the API server. */
const unreachableSeconds = 10;
const retryMilliseconds = 100;
/** Conditions of the last rollout may persist briefly after the new generation is observed. */
const staleVerdictMilliseconds = 2_000;
/** The first watch ends early, so that possibly stale conditions are evaluated again. */
const firstWatchSeconds = 3;
const watchSeconds = 60;
const statusEveryMilliseconds = 1_000;

/** The object exists but is not ready; the message includes a diagnosis. */
class NotReady extends Error {
  constructor(reasons: string[]) {
    super(reasons.join("\n"));
    this.name = "NotReady";
  }
}

const timeoutOf = (call: ProviderCall, object: JsonObject): number =>
  call.timeoutSeconds || Number(annotationOf(object, annotations.timeoutSeconds)) || defaultTimeoutSeconds;

/** Resolves to the object when it is ready. @throws NotReady on failure or timeout */
export async function untilReady(cluster: Cluster, call: ProviderCall, live: JsonObject): Promise<JsonObject> {
  if (annotationOf(live, annotations.skipAwait) === "true" || (await bindsOnFirstUse(cluster, live))) return live;
  const seconds = timeoutOf(call, live);
  const limit = AbortSignal.timeout(seconds * 1000);
  let last = live;
  let lastWhy = "";
  const began = Date.now();
  let shownAt = began;
  try {
    for await (const object of states(cluster, referenceOf(live), live, AbortSignal.any([call.signal, limit]))) {
      if (object === undefined || metadataOf(object).uid !== metadataOf(live).uid)
        throw new NotReady(["it was deleted before it was ready"]);
      last = object;
      const readiness = readinessOf(object);
      if (readiness.state === "ready") return object;
      const stale = Date.now() - began < staleVerdictMilliseconds && equal(conditionsOf(object), conditionsOf(live));
      if (readiness.state === "failed" && !stale)
        throw new NotReady([readiness.why, ...(await diagnosisOf(cluster, object))]);
      lastWhy = readiness.why;
      if (Date.now() - shownAt > statusEveryMilliseconds) {
        shownAt = Date.now();
        call.report("status", lastWhy);
      }
    }
  } catch (error) {
    if (!limit.aborted || call.signal.aborted || error instanceof NotReady) throw error;
  }
  throw new NotReady([`not ready within ${seconds} s: ${lastWhy}`, ...(await diagnosisOf(cluster, last))]);
}

const conditionsOf = (object: JsonObject) => member(object, "status", "conditions");

/** A claim of a WaitForFirstConsumer class is pending until a pod uses it. */
async function bindsOnFirstUse(cluster: Cluster, object: JsonObject): Promise<boolean> {
  const name = text(member(object, "spec", "storageClassName"));
  if (object.kind !== "PersistentVolumeClaim" || name === undefined) return false;
  const storageClass = await cluster.get({ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", name });
  return storageClass?.volumeBindingMode === "WaitForFirstConsumer";
}

/** Resolves when the deleted object is gone, even if another one has its name. */
export async function untilGone(cluster: Cluster, call: ProviderCall, live: JsonObject): Promise<void> {
  const seconds = timeoutOf(call, live);
  const limit = AbortSignal.timeout(seconds * 1000);
  const reference = referenceOf(live);
  let last = live;
  try {
    for await (const object of states(cluster, reference, live, AbortSignal.any([call.signal, limit]))) {
      if (object === undefined || metadataOf(object).uid !== metadataOf(live).uid) return;
      last = object;
    }
  } catch (error) {
    if (!limit.aborted || call.signal.aborted) throw error;
  }
  const holders = metadataOf(last).finalizers;
  const why =
    Array.isArray(holders) && holders.length > 0
      ? `blocked by finalizers ${holders.join(", ")}`
      : "its dependents are still being deleted";
  throw new Error(`${describe(reference)} still exists ${seconds} s after its deletion: ${why}`);
}

/** States of an object, from `first` on; undefined when it is gone. Ends only when `signal` aborts, by throwing. */
async function* states(
  cluster: Cluster,
  reference: ObjectReference,
  first: JsonObject,
  signal: AbortSignal,
): AsyncGenerator<JsonObject | undefined> {
  let current: JsonObject | undefined = first;
  let unreachableSince: number | undefined;
  for (let seconds = firstWatchSeconds; ; seconds = watchSeconds) {
    yield current;
    try {
      if (current !== undefined) yield* changes(cluster, reference, current, seconds, signal);
      current = await cluster.get(reference, signal);
      unreachableSince = undefined;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Unreachable)) throw error;
      unreachableSince ??= Date.now();
      if (Date.now() - unreachableSince > unreachableSeconds * 1000) throw error;
    }
    await delay(retryMilliseconds, undefined, { signal });
  }
}

/** Events of one watch. An expired resource version is ignored, since a new read follows. */
async function* changes(
  cluster: Cluster,
  reference: ObjectReference,
  current: JsonObject,
  seconds: number,
  signal: AbortSignal,
): AsyncGenerator<JsonObject | undefined> {
  const version = text(metadataOf(current).resourceVersion) ?? "";
  try {
    for await (const { type, object } of cluster.watch(reference, version, seconds, signal)) {
      if (type === "DELETED") yield undefined;
      else if (type === "ERROR") return;
      else if (type !== "BOOKMARK") yield object;
    }
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 410)) throw error;
  }
}
