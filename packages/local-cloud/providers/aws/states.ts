/** Derives outputs from inputs, and inputs from the current state in AWS. */
import { equal, hasSecret, isObject, isSecret, plain, plainObject, secret, unknown } from "../values.ts";
import type { Json, Properties } from "../values.ts";
import type { ResourceType } from "./resource-type.ts";
import type { Digest } from "./sdk-types/index.ts";
import { generatedKey } from "./names.ts";

/** Context of a resource. */
export interface Setting {
  type: ResourceType;
  digest: Digest;
  /** Region of the resource. */
  region: string;
  /** Default tags of the provider instance. */
  defaultTags: Properties;
}

/** Plain inputs for a resource type, with default tags. */
export function handlerInputs(setting: Setting, inputs: Properties): Properties {
  const bare = plainObject(withoutInternals(inputs));
  return hasTags(setting.digest) ? { ...bare, tagsAll: allTags(setting, bare) } : bare;
}

/** Outputs: defaults, overridden by inputs, overridden by what AWS returned. Secrets stay wrapped. */
export function outputsOf(setting: Setting, inputs: Properties, given: Properties): Properties {
  const own = withoutInternals(inputs);
  const tags = hasTags(setting.digest) ? { tagsAll: allTags(setting, plainObject(own)) } : {};
  const region = "region" in setting.digest.outputs ? { region: setting.region } : {};
  return { ...setting.type.defaults, ...region, ...own, ...tags, ...given };
}

/** Outputs after an update: removed inputs fall back to their defaults. */
export function updatedOutputs(
  setting: Setting,
  old: { oldInputs: Properties; oldOutputs: Properties },
  inputs: Properties,
  given: Properties,
): Properties {
  const kept = Object.entries(old.oldOutputs).filter(([key]) => !(key in old.oldInputs));
  return outputsOf(setting, inputs, { ...withoutKeys(Object.fromEntries(kept), inputs, "tagsAll"), ...given });
}

/** Marks outputs that AWS will set as unknown. */
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

/** Without internal properties. */
export const withoutInternals = (inputs: Properties): Properties =>
  Object.fromEntries(Object.entries(inputs).filter(([key]) => !key.startsWith("__")));

const withoutKeys = (properties: Properties, ...others: (Properties | string)[]): Properties =>
  Object.fromEntries(
    Object.entries(properties).filter(([key]) =>
      others.every((o) => (typeof o === "string" ? o !== key : !(key in o))),
    ),
  );

/** Inputs and outputs from the current state; equivalent values keep their old representation, so that only drift differs. */
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
  if (before !== undefined) return inForm(asProgrammed(now, before, old.oldOutputs[key] ?? null), before);
  // A value that AWS chose for an unset input is not drift.
  if (digest.outputs[key] && defaults[key] === undefined && Object.keys(old.oldInputs).length > 0) return undefined;
  const usual = plain(old.oldOutputs[key] ?? defaults[key] ?? null);
  const same = equal(usual, now) || equal(defaults[key], now) || (isEmpty(usual) && isEmpty(now));
  return same ? undefined : inForm(now, usual);
}

function ownTags(setting: Setting, found: Properties): Json {
  const all = isObject(found.tagsAll) ? found.tagsAll : {};
  return Object.fromEntries(Object.entries(all).filter(([key, value]) => setting.defaultTags[key] !== value));
}

/** Empty at every depth: `{ prefix: "" }` is equivalent to no filter. */
const isEmpty = (value: Json): boolean =>
  value === null ||
  value === "" ||
  value === false ||
  (typeof value === "object" && Object.values(value).every((inner) => isEmpty(inner)));

/** Returns the old value if the new one is equivalent; a new value is secret if the old one was. */
function inForm(now: Json, before: Json): Json {
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

/** Without the members that the program left to AWS, as long as they are what AWS chose. */
function asProgrammed(now: Json, input: Json, output: Json): Json {
  if (!isObject(now) || !isObject(input) || isSecret(input) || !isObject(output)) return now;
  const kept = Object.entries(now).filter(([key, value]) => key in input || !equal(value, output[key]));
  return Object.fromEntries(kept);
}

/** Omits members that the program omitted and AWS returns as empty. */
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
