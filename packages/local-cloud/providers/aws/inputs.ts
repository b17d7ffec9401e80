/** Typed access to plain properties, conversion from and to the AWS SDK's casing, and tag diffs. */
import { isObject, unknown, type Json, type Properties } from "../values.ts";

/** A string; undefined if absent or unknown. */
export const text = (properties: Properties | undefined, key: string): string | undefined => {
  const value = properties?.[key];
  return typeof value === "string" && value !== unknown ? value : undefined;
};

/** A required string. */
export function needed(properties: Properties, key: string): string {
  const value = text(properties, key);
  if (value === undefined) throw new Error(`${key} is required, but has no value`);
  return value;
}

export const number = (properties: Properties | undefined, key: string): number | undefined => {
  const value = properties?.[key];
  return typeof value === "number" ? value : undefined;
};

export const flag = (properties: Properties | undefined, key: string): boolean | undefined => {
  const value = properties?.[key];
  return typeof value === "boolean" ? value : undefined;
};

export const object = (properties: Properties | undefined, key: string): Properties | undefined => {
  const value = properties?.[key];
  return isObject(value) ? value : undefined;
};

/** The objects of a list; empty if absent or unknown. */
export const objects = (properties: Properties | undefined, key: string): Properties[] => {
  const value = properties?.[key];
  return Array.isArray(value) ? value.filter(isObject) : [];
};

export const texts = (properties: Properties | undefined, key: string): string[] => {
  const value = properties?.[key];
  return Array.isArray(value)
    ? value.filter((item): item is string => typeof item === "string" && item !== unknown)
    : [];
};

/** A JSON document given as string or object. */
export const document = (properties: Properties, key: string): string | undefined => {
  const value = properties[key];
  return isObject(value) ? JSON.stringify(value) : text(properties, key);
};

export type Tags = Record<string, string>;

export const tagsOf = (properties: Properties, key = "tagsAll"): Tags =>
  Object.fromEntries(Object.entries(object(properties, key) ?? {}).map(([name, value]) => [name, String(value)]));

/** Tags in the format of most services. */
export const tagList = (tags: Tags): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

export const fromTagList = (list: readonly { Key?: string | undefined; Value?: string | undefined }[] = []): Tags =>
  Object.fromEntries(list.map(({ Key = "", Value = "" }) => [Key, Value]));

/** Tags to set and keys to remove. */
export function tagChanges(before: Tags, after: Tags): { set: Tags; remove: string[] } {
  const set = Object.entries(after).filter(([key, value]) => before[key] !== value);
  return { set: Object.fromEntries(set), remove: Object.keys(before).filter((key) => !(key in after)) };
}

export interface Spelling {
  /** Names that are not simply capitalized in the SDK: Pulumi name → SDK name. */
  names?: Record<string, string>;
  /** Pulumi names of maps that the SDK represents as lists of `{Key, Value}`. */
  tagMaps?: readonly string[];
}

/** `{ storageClass: "GLACIER" }` → `{ StorageClass: "GLACIER" }`, at every depth. */
export function toSdk(value: Json, spelling: Spelling = {}): unknown {
  if (Array.isArray(value)) return value.map((item) => toSdk(item, spelling));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => {
    const name = spelling.names?.[key] ?? key.charAt(0).toUpperCase() + key.slice(1);
    return [name, spelling.tagMaps?.includes(key) ? tagList(inner as Tags) : toSdk(inner, spelling)];
  });
  return Object.fromEntries(entries);
}

/** The inverse of `toSdk`; dates become ISO strings. */
export function fromSdk(value: unknown, spelling: Spelling = {}): Json {
  const names = new Map(Object.entries(spelling.names ?? {}).map(([own, sdk]) => [sdk, own]));
  const convert = (inner: unknown): Json => {
    if (inner instanceof Date) return inner.toISOString().replace(".000Z", "Z");
    if (Array.isArray(inner)) return inner.map(convert);
    if (typeof inner !== "object" || inner === null) return inner as Json;
    const entries = Object.entries(inner).filter(([, value]) => value !== undefined);
    return Object.fromEntries(
      entries.map(([key, member]) => {
        const name = names.get(key) ?? key.charAt(0).toLowerCase() + key.slice(1);
        return [name, spelling.tagMaps?.includes(name) ? fromTagList(member) : convert(member)];
      }),
    );
  };
  return convert(value);
}
