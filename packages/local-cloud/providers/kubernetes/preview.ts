/** Previews by dry runs on the API server. */
import type { ProviderCall } from "../provider.ts";
import { hasUnknown, isObject, unknown, type JsonObject, type Properties } from "../values.ts";
import { clusterOf, UnknownKind, type Cluster } from "./cluster.ts";
import { isSet } from "./config.ts";
import { desiredObject } from "./desired.ts";
import { immutableFields, isInvalidObject, isNotFound, Unreachable } from "./errors.ts";
import { explainConflict, fieldManagerKey, fieldManagerOf, forcesConflicts } from "./field-managers.ts";
import { metadataOf, referenceOf } from "./objects.ts";
import { previewOf } from "./state.ts";

/**
 * Outputs of a creation (without `oldOutputs`) or update. Derived from the inputs where no dry run is possible yet.
 * @throws if the API server rejects the object
 */
export async function preview(
  call: ProviderCall,
  inputs: Properties,
  oldOutputs: Properties | undefined,
): Promise<Properties> {
  const isNew = oldOutputs === undefined;
  if (hasUnknown(inputs)) return undecided(inputs, isNew);
  try {
    const cluster = await clusterOf(call.config);
    const object = await desiredObject(cluster, call, inputs);
    const fieldManager = fieldManagerOf(object, oldOutputs);
    const dryRun = await dryRunApply(cluster, call, object, { fieldManager, isNew });
    const outputs = dryRun ? previewOf(dryRun, inputs, isNew) : undecided(inputs, isNew);
    return { ...outputs, [fieldManagerKey]: isNew ? unknown : fieldManager };
  } catch (error) {
    if (!(error instanceof Unreachable || error instanceof UnknownKind)) throw error;
    call.report("warning", `${error.message}; the object was not validated`);
    return undecided(inputs, isNew);
  }
}

async function dryRunApply(
  cluster: Cluster,
  call: ProviderCall,
  object: JsonObject,
  { fieldManager, isNew }: { fieldManager: string; isNew: boolean },
): Promise<JsonObject | undefined> {
  const live = isNew ? undefined : await cluster.get(referenceOf(object), call.signal);
  const force = forcesConflicts(call, object, live);
  const options = { fieldManager, dryRun: true, force, signal: call.signal, onWarning: warnings(call) };
  try {
    return await cluster.apply(object, referenceOf(object), options);
  } catch (error) {
    if (isNotFound(error)) {
      await validateElsewhere(cluster, call, object, fieldManager);
      return undefined;
    }
    // An object of this name exists and will be replaced; a dry run is not possible before it is gone.
    if (immutableFields(error).length > 0) return undefined;
    throw explainConflict(error, object, fieldManager);
  }
}

/** The namespace does not exist yet: validates the object's schema in the default namespace. */
async function validateElsewhere(
  cluster: Cluster,
  call: ProviderCall,
  object: JsonObject,
  fieldManager: string,
): Promise<void> {
  const moved: JsonObject = { ...object, metadata: { ...metadataOf(object), namespace: "default" } };
  try {
    await cluster.apply(moved, referenceOf(moved), { fieldManager, dryRun: true, force: true, signal: call.signal });
  } catch (error) {
    if (isInvalidObject(error)) throw error;
  }
}

export const warnings = (call: ProviderCall) => (message: string) => {
  if (!isSet(call.config, "suppressDeprecationWarnings")) call.report("warning", message);
};

function undecided(inputs: Properties, isNew: boolean): Properties {
  if (!isNew) return { ...inputs, status: unknown };
  const { spec } = inputs;
  const allotsAddress = inputs.kind === "Service" && isObject(spec) && !("clusterIP" in spec);
  return {
    ...inputs,
    ...(isObject(inputs.metadata) && { metadata: { ...inputs.metadata, uid: unknown } }),
    ...(allotsAddress && { spec: { ...spec, clusterIP: unknown, clusterIPs: unknown } }),
    status: unknown,
  };
}
