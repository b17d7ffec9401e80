/** Values of the engine's protocol as an outside tool can read them. */

/** What the protocol has in place of a value that only the cloud knows. */
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** Key and signature of secrets, assets and references. */
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

export const secretText = "(secret)";
const unknownText = "(known after apply)";

/** What identifies a value that the cloud will give: a text that names it, e.g. within a policy. */
export const placeholder = (what: string, type: string, name: string): string => `(${what} of ${type} ${name})`;

/** The value without secrets, with a text in place of what is unknown; keys are sorted. */
export function plain(value: unknown): unknown {
  if (value === unknown) return unknownText;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const fields = value as Record<string, unknown>;
  if (fields[signatureKey] === secretSignature) return masked(fields["value"]);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, plain(inner)]));
}

/** The structure of a secret with its texts masked: an object stays valid for tools that know its schema. */
function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== "object" || value === null) return secretText;
  const { [signatureKey]: signature, ...fields } = value as Record<string, unknown>;
  if (signature === secretSignature) return masked(fields["value"]);
  return Object.fromEntries(Object.entries(fields).map(([key, inner]) => [key, masked(inner)]));
}
