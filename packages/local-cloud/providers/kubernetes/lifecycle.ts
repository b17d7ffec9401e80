/** Creates, updates, reads and deletes one object, and waits for the result. */
import { setTimeout as delay } from "node:timers/promises";
import { PartialFailure, type Change, type OldState, type ProviderCall, type ReadResult } from "../provider.ts";
import { plainObject, type JsonObject, type Properties } from "../values.ts";
import { clusterOf, UnknownKind, type Cluster } from "./cluster.ts";
import { isSet } from "./config.ts";
import { desiredObject } from "./desired.ts";
import { Unreachable } from "./errors.ts";
import { adoptFields, explainConflict, fieldManagerKey, fieldManagerOf, forcesConflicts } from "./field-managers.ts";
import {
  annotationOf,
  annotations,
  describe,
  fromId,
  idOf,
  kindOf,
  member,
  metadataOf,
  referenceOf,
  type ObjectReference,
} from "./objects.ts";
import { preview, warnings } from "./preview.ts";
import { importedInputs, outputsOf, projected } from "./state.ts";
import { untilGone, untilReady } from "./waiting.ts";

export async function create(call: ProviderCall, inputs: Properties): Promise<{ id: string; outputs: Properties }> {
  if (call.preview) return { id: "", outputs: await preview(call, inputs, undefined) };
  const cluster = await clusterOf(call.config);
  const object = await desiredObject(cluster, call, inputs);
  const reference = referenceOf(object);
  await waitForKind(cluster, reference, call.signal);
  if (!isSet(call.config, "upsertExistingObjects") && (await cluster.get(reference, call.signal))) {
    throw new Error(`${describe(reference)} already exists in the cluster; import or delete it`);
  }
  const how = { fieldManager: fieldManagerOf(object), force: forcesConflicts(call, object, undefined) };
  return applyAndWait(cluster, call, object, inputs, how);
}

export async function update(call: ProviderCall, _id: string, change: Change): Promise<{ outputs: Properties }> {
  if (call.preview) return { outputs: await preview(call, change.newInputs, change.oldOutputs) };
  const cluster = await clusterOf(call.config);
  const object = await desiredObject(cluster, call, change.newInputs);
  const live = await cluster.get(referenceOf(object), call.signal);
  const fieldManager = fieldManagerOf(object, change.oldOutputs);
  if (live) await adoptFields(cluster, object, live, fieldManager);
  const how = { fieldManager, force: forcesConflicts(call, object, live) };
  const { outputs } = await applyAndWait(cluster, call, object, change.newInputs, how);
  return { outputs };
}

/** @throws PartialFailure if the object is applied but not ready, with a diagnosis */
async function applyAndWait(
  cluster: Cluster,
  call: ProviderCall,
  object: JsonObject,
  inputs: Properties,
  how: { fieldManager: string; force: boolean },
): Promise<{ id: string; outputs: Properties }> {
  const reference = referenceOf(object);
  const outputs = (live: JsonObject): Properties => ({
    ...outputsOf(live, inputs),
    [fieldManagerKey]: how.fieldManager,
  });
  const options = { ...how, signal: call.signal, onWarning: warnings(call) };
  const live = await cluster.apply(object, reference, options).catch((error: unknown) => {
    throw explainConflict(error, object, how.fieldManager);
  });
  try {
    return { id: idOf(live), outputs: outputs(await untilReady(cluster, call, live)) };
  } catch (error) {
    const current = (await cluster.get(reference).catch(() => undefined)) ?? live;
    throw new PartialFailure(idOf(live), outputs(current), [(error as Error).message], inputs);
  }
}

const kindAppearsSeconds = 5;
const kindRetryMilliseconds = 200;

/** The API server serves a new kind shortly after its CRD is established. */
async function waitForKind(cluster: Cluster, reference: ObjectReference, signal: AbortSignal): Promise<void> {
  for (
    const end = Date.now() + kindAppearsSeconds * 1000;
    ;
    await delay(kindRetryMilliseconds, undefined, { signal })
  ) {
    if ((await cluster.namespaced(reference)) !== undefined) return;
    if (Date.now() > end) throw new UnknownKind(reference);
  }
}

export async function read(call: ProviderCall, id: string, state: OldState): Promise<ReadResult | undefined> {
  try {
    const cluster = await clusterOf(call.config);
    const live = await cluster.get(fromId(id, kindOf(call.type)), call.signal);
    if (live === undefined) return undefined;
    const imported = Object.keys(state.oldInputs).length === 0;
    const inputs = imported ? importedInputs(live) : projected(live, state.oldInputs);
    const kept = state.oldOutputs[fieldManagerKey];
    const outputs = { ...outputsOf(live, inputs), ...(kept !== undefined && { [fieldManagerKey]: kept }) };
    return { id, inputs, outputs };
  } catch (error) {
    if (error instanceof UnknownKind) return undefined;
    if (!(error instanceof Unreachable && isSet(call.config, "skipUpdateUnreachable"))) throw error;
    call.report("warning", `${error.message}; its state is unchanged`);
    return { id, inputs: state.oldInputs, outputs: state.oldOutputs };
  }
}

export async function remove(call: ProviderCall, id: string, state: OldState): Promise<void> {
  const reference = fromId(id, kindOf(call.type));
  try {
    const cluster = await clusterOf(call.config);
    const live = await cluster.get(reference, call.signal);
    const uid = member(plainObject(state.oldOutputs), "metadata", "uid");
    if (live === undefined || (typeof uid === "string" && uid !== metadataOf(live).uid)) return;
    await cluster.delete(reference, {
      uid: String(metadataOf(live).uid),
      propagation: propagationOf(live),
      signal: call.signal,
    });
    await untilGone(cluster, call, live);
  } catch (error) {
    if (error instanceof UnknownKind) return; // its CRD is gone, and all objects with it
    if (!(error instanceof Unreachable)) throw error;
    if (!isSet(call.config, "deleteUnreachable")) {
      throw new Error(
        `${describe(reference)} cannot be deleted: ${error.message}. If that cluster is lost, set deleteUnreachable of the provider, or run pulumi state delete`,
        { cause: error },
      );
    }
    call.report("warning", `${describe(reference)} is removed from the state, but was not deleted: ${error.message}`);
  }
}

/** Foreground by default: the object is gone only when its dependents are. */
function propagationOf(live: JsonObject): string {
  const wanted = annotationOf(live, annotations.deletionPropagationPolicy)?.toLowerCase() ?? "foreground";
  return wanted.charAt(0).toUpperCase() + wanted.slice(1);
}
