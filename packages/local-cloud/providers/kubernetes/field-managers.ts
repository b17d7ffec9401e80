/**
 * Field ownership as in the official provider (4.x): a field manager per resource, no forced conflicts unless requested, and
 * updates first take over the fields of client-side tools.
 */
import { randomBytes } from "node:crypto";
import type { ProviderCall } from "../provider.ts";
import { equal, isObject, type Json, type JsonObject, type Properties } from "../values.ts";
import type { Cluster } from "./cluster.ts";
import { isSet } from "./config.ts";
import { ApiError } from "./errors.ts";
import { annotationOf, annotations, describe, metadataOf, objects, referenceOf, text } from "./objects.ts";

/** Output with the resource's field manager; a state without it, as after an import, gets a new one. */
export const fieldManagerKey = "__fieldManager";

export function fieldManagerOf(object: JsonObject, oldOutputs: Properties = {}): string {
  const kept = text(oldOutputs[fieldManagerKey]);
  return (
    annotationOf(object, annotations.patchFieldManager) ?? kept ?? `pulumi-kubernetes-${randomBytes(4).toString("hex")}`
  );
}

/** Field managers of the official provider's client-side mode. */
const clientSideNames = ["pulumi-resource-kubernetes", "pulumi-kubernetes", "pulumi-kubernetes.exe"];

/**
 * Whether to force conflicts; `live` is undefined for a new object. Set by the object's annotation or the provider's
 * argument (whose default the SDK takes from the environment). Otherwise only where no conflict can occur in the update:
 * previews of new objects (the predecessor will be gone), previews of objects that the update adopts, and objects without
 * managed fields.
 */
export function forcesConflicts(call: ProviderCall, object: JsonObject, live: JsonObject | undefined): boolean {
  const own = annotationOf(object, annotations.patchForce);
  if (own !== undefined) return own === "true";
  if (call.config.enablePatchForce !== undefined) return isSet(call.config, "enablePatchForce");
  if (live === undefined) return call.preview;
  const managers = managersOf(live);
  const clientSide = ({ operation, manager }: JsonObject): boolean =>
    operation === "Update" && clientSideNames.includes(String(manager));
  return managers.length === 0 || (call.preview && managers.some(clientSide));
}

const managersOf = (live: JsonObject): JsonObject[] => objects(metadataOf(live).managedFields);

/** Prefixes of field managers whose fields an update adopts, by operation; never fields of a subresource, as by `kubectl scale`. */
const adopted: Record<string, readonly string[]> = {
  Apply: ["kubectl"],
  Update: ["kubectl", "before-first-apply", "pulumi-kubernetes", "pulumi-resource-kubernetes"],
};

const isAdopted = ({ manager, operation, subresource }: JsonObject): boolean =>
  (subresource ?? "") === "" &&
  (adopted[String(operation)] ?? []).some((beginning) => String(manager).startsWith(beginning));

/** Managed fields with those of client-side tools assigned to `name`; undefined if they own none. */
export function adoptedManagers(live: JsonObject, name: string): JsonObject[] | undefined {
  const entries = managersOf(live);
  const isOwn = (entry: JsonObject): boolean => entry.manager === name && entry.operation === "Apply";
  const others = entries.filter((entry) => !isOwn(entry));
  const theirs = others.filter(isAdopted);
  if (theirs.length === 0) return undefined;
  const merged = [...entries.filter(isOwn), ...theirs].reduce((one, other) => ({
    ...one,
    fieldsV1: union(one.fieldsV1, other.fieldsV1),
  }));
  return [...others.filter((entry) => !isAdopted(entry)), { ...merged, manager: name, operation: "Apply" }];
}

/** Union of two field sets; a field that one owns as a whole and the other by members is represented by ".". */
function union(one: Json | undefined, other: Json | undefined): JsonObject {
  const [a, b] = [isObject(one) ? one : {}, isObject(other) ? other : {}];
  if (equal(a, b)) return a;
  if (equal(a, {})) return { ".": {}, ...b };
  if (equal(b, {})) return { ".": {}, ...a };
  const shared = Object.keys(a).filter((key) => key in b);
  return { ...a, ...b, ...Object.fromEntries(shared.map((key) => [key, union(a[key], b[key])])) };
}

/** Assigns client-side tools' fields to the resource, as the official provider does before updates, but not in previews. */
export async function adoptFields(cluster: Cluster, object: JsonObject, live: JsonObject, name: string): Promise<void> {
  const managedFields = adoptedManagers(live, name);
  if (managedFields) await cluster.replaceManagers(referenceOf(object), managedFields);
}

/** Explains a conflict and its remedy; returns any other error unchanged. */
export function explainConflict(error: unknown, object: JsonObject, name: string): unknown {
  if (!(error instanceof ApiError) || error.code !== 409) return error;
  return new Error(
    `${describe(referenceOf(object))}: other managers own fields that ${name} would change: ${error.message}. ` +
      `Remove those fields from the program, or take them over once with PULUMI_K8S_ENABLE_PATCH_FORCE=true in the environment`,
    { cause: error },
  );
}
