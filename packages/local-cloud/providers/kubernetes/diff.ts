/** Determines by a dry run on the API server whether a change requires a replacement. */
import { differences } from "../differences.ts";
import type { Change, DiffResult, ProviderCall } from "../provider.ts";
import { equal, hasUnknown, plainObject, unknown, type Json, type JsonObject, type Properties } from "../values.ts";
import { clusterOf } from "./cluster.ts";
import { isSet } from "./config.ts";
import { desiredObject } from "./desired.ts";
import { ApiError, immutableFields, Unreachable } from "./errors.ts";
import { fieldManagerOf } from "./field-managers.ts";
import { annotationOf, annotations, member, referenceOf } from "./objects.ts";

export async function diff(call: ProviderCall, _id: string, change: Change): Promise<DiffResult> {
  const before = plainObject(change.oldInputs);
  const after = plainObject(change.newInputs);
  if (equal(before, after)) return { changes: false };
  const identity = identityChanges(call, before, after);
  const replaced = identity.length > 0 || hasUnknown(after) ? identity : await fieldsRefusedInPlace(call, change);
  const result = differences(before, after, {
    replaces: (path) => replaced.some((field) => covers(field, path)),
    // Names are unique: unless the name is generated, the old object must be deleted first.
    deleteBeforeReplace: sameName(before, after) && annotationOf(after, annotations.autonamed) !== "true",
  });
  const unseen = replaced.filter((field) => !result.replaces?.some((path) => covers(field, path)));
  return { ...result, replaces: [...(result.replaces ?? []), ...unseen] };
}

const covers = (field: string, path: string): boolean => within(field, path) || within(path, field);
const within = (outer: string, inner: string): boolean =>
  inner === outer || inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`);

const group = (object: JsonObject): string => String(object.apiVersion).split("/").slice(0, -1).join("/");
/** Unknown values count as unchanged, so that a preview shows no replacement that will not happen. */
const stays = (before: Json | undefined, after: Json | undefined): boolean => after === unknown || equal(before, after);

const sameName = (before: JsonObject, after: JsonObject): boolean =>
  stays(member(before, "metadata", "name"), member(after, "metadata", "name")) &&
  stays(member(before, "metadata", "namespace") ?? "default", member(after, "metadata", "namespace") ?? "default");

/** Changed content replaces the object, so that its users roll out; the default of the official provider. */
const content = ["data", "binaryData", "stringData", "type", "immutable"];

function identityChanges(call: ProviderCall, before: Properties, after: Properties): string[] {
  const changed: string[] = [];
  if (before.kind !== after.kind) changed.push("kind");
  if (group(before) !== group(after)) changed.push("apiVersion");
  for (const field of ["name", "namespace"]) {
    const fallback = field === "namespace" ? "default" : undefined;
    const [old, wanted] = [before, after].map((object) => member(object, "metadata", field) ?? fallback);
    if (!stays(old, wanted)) changed.push(`metadata.${field}`);
  }
  const mutable =
    after.kind === "ConfigMap"
      ? isSet(call.config, "enableConfigMapMutable")
      : isSet(call.config, "enableSecretMutable");
  if ((after.kind === "ConfigMap" || after.kind === "Secret") && !mutable) {
    changed.push(...content.filter((field) => !equal(before[field], after[field])));
  }
  return changed;
}

/** Immutable fields that the server rejects. Other errors, as conflicts, are reported by the update. */
async function fieldsRefusedInPlace(call: ProviderCall, { newInputs, oldOutputs }: Change): Promise<string[]> {
  try {
    const cluster = await clusterOf(call.config);
    const object = await desiredObject(cluster, call, newInputs);
    await cluster.apply(object, referenceOf(object), {
      fieldManager: fieldManagerOf(object, oldOutputs),
      dryRun: true,
      force: true,
      signal: call.signal,
    });
    return [];
  } catch (error) {
    if (error instanceof Unreachable)
      call.report("warning", `${error.message}; whether a replacement is required is unknown`);
    else if (!(error instanceof ApiError)) throw error;
    return immutableFields(error);
  }
}
