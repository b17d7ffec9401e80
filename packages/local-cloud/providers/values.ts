/** Values of the engine's protocol: JSON with wrappers for secrets and for values that are unknown in a preview. */

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}
export type Properties = JsonObject;

const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** Represents a value that is unknown in a preview. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const signature = (value: Json | undefined): Json | undefined => (isObject(value) ? value[signatureKey] : undefined);

export const isSecret = (value: Json | undefined): boolean =>
  signature(value) === secretSignature ||
  (signature(value) === outputSignature && (value as JsonObject).secret === true);

/** Marks a value as secret: the engine encrypts it in the state and masks it in its output. */
export const secret = (value: Json): Json =>
  isSecret(value) ? value : { [signatureKey]: secretSignature, value: plain(value) };

/** Removes all wrappers; unknown values become the string `unknown`. */
export function plain(value: Json): Json {
  if (signature(value) === secretSignature) return plain((value as JsonObject).value ?? null);
  if (signature(value) === outputSignature) {
    const inner = (value as JsonObject).value;
    return inner === undefined ? unknown : plain(inner);
  }
  if (Array.isArray(value)) return value.map(plain);
  if (isObject(value)) return plainObject(value);
  return value;
}

/** `plain` for a property map. */
export const plainObject = (properties: Properties): Properties =>
  Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, plain(value)]));

/** Whether any part of a value is unknown. */
export function hasUnknown(value: Json | undefined): boolean {
  if (value === unknown) return true;
  if (signature(value) === outputSignature && !("value" in (value as JsonObject))) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(hasUnknown);
}

/** Whether any part of a value is secret. */
export const hasSecret = (value: Json | undefined): boolean =>
  isSecret(value) || (typeof value === "object" && value !== null && Object.values(value).some(hasSecret));

/** Deep equality, regardless of the order of keys. Compare `plain` values to ignore wrappers. */
export function equal(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) || Array.isArray(other)) {
    return (
      Array.isArray(one) &&
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((item, index) => equal(item, other[index]))
    );
  }
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => key in other && equal(one[key], other[key]));
}

/** Drops undefined members, which JSON does not have. */
export const defined = (properties: Record<string, Json | undefined>): Properties =>
  Object.fromEntries(Object.entries(properties).filter((entry): entry is [string, Json] => entry[1] !== undefined));
