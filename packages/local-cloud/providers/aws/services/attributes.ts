/** Attribute maps of topics, subscriptions and queues. */
import type { Json, Properties } from "../../values.ts";

/** Pulumi's input → AWS's attribute, e.g. `kmsMasterKeyId` → `KmsMasterKeyId`. */
export type AttributeNames = Readonly<Record<string, string>>;

/** Attributes from inputs; objects are serialized as JSON. */
export function toAttributes(names: AttributeNames, inputs: Properties): Record<string, string> {
  const entries = Object.entries(names).flatMap(([key, name]) => {
    const value = inputs[key];
    if (value === undefined || value === null) return [];
    return [[name, typeof value === "object" ? JSON.stringify(value) : String(value)] as const];
  });
  return Object.fromEntries(entries);
}

/** Attributes to set; removed ones are set to their default or to an empty string. */
export function attributeChanges(
  names: AttributeNames,
  inputs: Properties,
  before: Properties,
  defaults: Properties,
): Record<string, string> {
  const wanted = toAttributes(names, { ...defaults, ...inputs });
  const had = toAttributes(names, before);
  const gone = Object.keys(had).filter((name) => !(name in wanted));
  const changed = Object.entries(wanted).filter(([name, value]) => had[name] !== value);
  return Object.fromEntries([...changed, ...gone.map((name) => [name, ""] as const)]);
}

/** Inputs from attributes; `kinds` converts to numbers and booleans; empty strings count as absent. */
export function fromAttributes(
  names: AttributeNames,
  found: Readonly<Record<string, string | undefined>>,
  kinds: Readonly<Record<string, "number" | "boolean">>,
): Properties {
  const entries = Object.entries(names).flatMap(([key, name]): [string, Json][] => {
    const value = found[name];
    if (value === undefined || value === "") return [];
    const kind = kinds[key];
    return [[key, kind === "number" ? Number(value) : kind === "boolean" ? value === "true" : value]];
  });
  return Object.fromEntries(entries);
}
