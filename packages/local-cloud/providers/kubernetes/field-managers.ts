/**
 * Who owns which field. As the official provider (4.x) does: every resource applies under a manager name of its own,
 * conflicts are not forced unless somebody asks for it, and a real update first adopts what client-side tools left.
 */
import { randomBytes } from "node:crypto";
import type { ProviderCall } from "../provider.ts";
import { equal, isObject, type Json, type JsonObject, type Properties } from "../values.ts";
import type { Cluster } from "./cluster.ts";
import { isSet } from "./config.ts";
import { ApiError } from "./errors.ts";
import { annotationOf, annotations, describe, metadataOf, objects, referenceOf, text } from "./objects.ts";

/** Output that keeps the name for the resource's life; a state without it, such as an import's, gets a new name. */
export const fieldManagerKey = "__fieldManager";

export function fieldManagerOf(object: JsonObject, oldOutputs: Properties = {}): string {
  const kept = text(oldOutputs[fieldManagerKey]);
  return (
    annotationOf(object, annotations.patchFieldManager) ?? kept ?? `pulumi-kubernetes-${randomBytes(4).toString("hex")}`
  );
}

/** Managers under which the official provider wrote in its client-side mode. */
const clientSideNames = ["pulumi-resource-kubernetes", "pulumi-kubernetes", "pulumi-kubernetes.exe"];

/**
 * Whether another manager's fields are taken over; `live` is undefined where the object is new. Asked for by the
 * object's annotation or the provider's argument (which the SDK fills from the environment). Otherwise only where there
 * can be no true conflict: a preview of something new (its predecessor will be gone), one that an update would adopt, and objects
 * without any record of managers.
 */
export function takesOver(call: ProviderCall, object: JsonObject, live: JsonObject | undefined): boolean {
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

/** Beginnings of names whose fields an update adopts, by operation. Changes through a subresource, as by `kubectl scale`, never. */
const adopted: Record<string, readonly string[]> = {
  Apply: ["kubectl"],
  Update: ["kubectl", "before-first-apply", "pulumi-kubernetes", "pulumi-resource-kubernetes"],
};

const isAdopted = ({ manager, operation, subresource }: JsonObject): boolean =>
  (subresource ?? "") === "" &&
  (adopted[String(operation)] ?? []).some((beginning) => String(manager).startsWith(beginning));

/** The managers with what client-side tools own given to `name`; undefined where they own nothing. */
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

/** Two field sets as one. A field that one has as a whole and the other by its members has the member "." for itself. */
function union(one: Json | undefined, other: Json | undefined): JsonObject {
  const [a, b] = [isObject(one) ? one : {}, isObject(other) ? other : {}];
  if (equal(a, b)) return a;
  if (equal(a, {})) return { ".": {}, ...b };
  if (equal(b, {})) return { ".": {}, ...a };
  const shared = Object.keys(a).filter((key) => key in b);
  return { ...a, ...b, ...Object.fromEntries(shared.map((key) => [key, union(a[key], b[key])])) };
}

/** Hands client-side tools' fields to the resource, as the official provider does before each update but no preview. */
export async function adoptFields(cluster: Cluster, object: JsonObject, live: JsonObject, name: string): Promise<void> {
  const managedFields = adoptedManagers(live, name);
  if (managedFields) await cluster.replaceManagers(referenceOf(object), managedFields);
}

/** A conflict in words that help; any other error as it is. */
export function explainConflict(error: unknown, object: JsonObject, name: string): unknown {
  if (!(error instanceof ApiError) || error.code !== 409) return error;
  return new Error(
    `${describe(referenceOf(object))}: other managers own fields that ${name} would change: ${error.message}. ` +
      `Leave those fields to them, or take them over once with PULUMI_K8S_ENABLE_PATCH_FORCE=true in the environment`,
    { cause: error },
  );
}
