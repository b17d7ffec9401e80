/** How inputs become the state of a resource, and how what AWS says now becomes inputs again. */
import { equal, hasSecret, isObject, isSecret, plain, plainObject, secret, unknown } from "../values.ts";
import type { Json, Properties } from "../values.ts";
import type { ResourceType } from "./resource-type.ts";
import type { Digest } from "./sdk-types/index.ts";
import { generatedKey } from "./names.ts";

/** What is known of a resource besides its inputs and what AWS answers. */
export interface Setting {
  type: ResourceType;
  digest: Digest;
  /** Region that the resource is in. */
  region: string;
  /** Tags that the provider instance puts on everything. */
  defaultTags: Properties;
}

/** Inputs as a resource type takes them: plain, all tags included. */
export function handlerInputs(setting: Setting, inputs: Properties): Properties {
  const bare = plainObject(withoutInternals(inputs));
  return hasTags(setting.digest) ? { ...bare, tagsAll: allTags(setting, bare) } : bare;
}

/** The state: defaults under inputs under what AWS gave. Secrets stay wrapped. */
export function outputsOf(setting: Setting, inputs: Properties, given: Properties): Properties {
  const own = withoutInternals(inputs);
  const tags = hasTags(setting.digest) ? { tagsAll: allTags(setting, plainObject(own)) } : {};
  const region = "region" in setting.digest.outputs ? { region: setting.region } : {};
  return { ...setting.type.defaults, ...region, ...own, ...tags, ...given };
}

/** The state after an update: what the program no longer says falls back to the default. */
export function updatedOutputs(
  setting: Setting,
  old: { oldInputs: Properties; oldOutputs: Properties },
  inputs: Properties,
  given: Properties,
): Properties {
  const kept = Object.entries(old.oldOutputs).filter(([key]) => !(key in old.oldInputs));
  return outputsOf(setting, inputs, { ...withoutKeys(Object.fromEntries(kept), inputs, "tagsAll"), ...given });
}

/** Marks as unknown every output that will have a value, but has none yet. */
export function withUnknowns(digest: Digest, outputs: Properties): Properties {
  const open = Object.keys(digest.outputs).filter((key) => digest.outputs[key] && outputs[key] === undefined);
  return { ...outputs, ...Object.fromEntries(open.map((key) => [key, unknown])) };
}

export const hasTags = (digest: Digest): boolean => "tagsAll" in digest.outputs && "tags" in digest.inputs;

export function allTags(setting: Setting, inputs: Properties): Json {
  const { tags } = inputs;
  if (tags === unknown) return unknown;
  return { ...setting.defaultTags, ...(isObject(tags) ? tags : {}) };
}

/** Without what only the engine and this provider use. */
export const withoutInternals = (inputs: Properties): Properties =>
  Object.fromEntries(Object.entries(inputs).filter(([key]) => !key.startsWith("__")));

const withoutKeys = (properties: Properties, ...others: (Properties | string)[]): Properties =>
  Object.fromEntries(
    Object.entries(properties).filter(([key]) =>
      others.every((o) => (typeof o === "string" ? o !== key : !(key in o))),
    ),
  );

/** What was found in AWS as inputs and outputs: unchanged values keep their form, so that only real drift differs. */
export function foundState(
  setting: Setting,
  old: { oldInputs: Properties; oldOutputs: Properties },
  found: Properties,
): { inputs: Properties; outputs: Properties } {
  const live = hasTags(setting.digest) ? { ...found, tags: ownTags(setting, found) } : found;
  const outputs = Object.fromEntries(
    Object.entries(live).map(([key, value]) => [key, inForm(value, old.oldOutputs[key] ?? null)]),
  );
  const inputs = Object.keys(setting.digest.inputs).flatMap((key): [string, Json][] => {
    const value = inputFound(key, live, old, setting);
    return value === undefined ? [] : [[key, value]];
  });
  const generated = old.oldInputs[generatedKey];
  return {
    inputs: { ...Object.fromEntries(inputs), ...(generated === undefined ? {} : { [generatedKey]: generated }) },
    outputs: { ...setting.type.defaults, ...old.oldOutputs, region: setting.region, ...outputs },
  };
}

function inputFound(
  key: string,
  live: Properties,
  old: { oldInputs: Properties; oldOutputs: Properties },
  { digest, type: { defaults = {} } }: Setting,
): Json | undefined {
  const before = old.oldInputs[key];
  const now = live[key];
  if (now === undefined) return key in live || before === undefined ? undefined : before;
  if (before !== undefined) return inForm(now, before);
  // What AWS chooses where the program says nothing is no drift.
  if (digest.outputs[key] && defaults[key] === undefined && Object.keys(old.oldInputs).length > 0) return undefined;
  const usual = plain(old.oldOutputs[key] ?? defaults[key] ?? null);
  const same = equal(usual, now) || equal(defaults[key], now) || (isEmpty(usual) && isEmpty(now));
  return same ? undefined : inForm(now, usual);
}

function ownTags(setting: Setting, found: Properties): Json {
  const all = isObject(found.tagsAll) ? found.tagsAll : {};
  return Object.fromEntries(Object.entries(all).filter(([key, value]) => setting.defaultTags[key] !== value));
}

/** Says nothing, at any depth: `{ prefix: "" }` is as good as no filter. */
const isEmpty = (value: Json): boolean =>
  value === null ||
  value === "" ||
  value === false ||
  (typeof value === "object" && Object.values(value).every((inner) => isEmpty(inner)));

/** A value that means the same as the old one becomes the old one; a new one stays secret where the old one was. */
export function inForm(now: Json, before: Json): Json {
  if (isSecret(before)) return secret(inForm(now, plain(before)));
  if (hasSecret(before) && equal(now, plain(before))) return before;
  if (typeof now === "string") return sameDocument(now, before) ? before : now;
  if (Array.isArray(now) && Array.isArray(before)) return listInForm(now, before);
  if (isObject(now) && isObject(before)) return objectInForm(now, before);
  return now;
}

function listInForm(now: Json[], before: Json[]): Json[] {
  const key = (value: Json): string => JSON.stringify(plain(value));
  const sameMembers = now.map(key).sort().join() === before.map(key).sort().join();
  return sameMembers ? before : now.map((item, index) => inForm(item, before[index] ?? null));
}

/** Members that the program left out, and AWS answers with an empty value, stay out. */
function objectInForm(now: Properties, before: Properties): Properties {
  const kept = Object.entries(now).filter(([key, value]) => key in before || !isEmpty(value));
  const emptied = Object.entries(before).filter(([key, value]) => !(key in now) && isEmpty(value));
  return Object.fromEntries([...kept.map(([key, value]) => [key, inForm(value, before[key] ?? null)]), ...emptied]);
}

function sameDocument(now: string, before: Json): boolean {
  if (isObject(before)) return equal(parsed(now), plain(before));
  return (
    typeof before === "string" && now !== before && parsed(now) !== undefined && equal(parsed(now), parsed(before))
  );
}

function parsed(text: string): Json | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
