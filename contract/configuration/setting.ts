/** Definition of one configuration key, and constructors for common kinds of keys. */
import { problem, type Problem } from "../problems.ts";

export interface Setting<Value> {
  /** Description with unit, default and effect; printed in the configuration reference. */
  readonly about: string;
  /** Format in the configuration: plain text, or JSON for lists and objects. */
  readonly kind: "text" | "json";
  /** Value if the key is not set. Omit: the key is required, unless Pulumi.yaml defines a default. */
  readonly absent?: { readonly value: Value };
  /** Parses the text. Never throws: unreadable text becomes a value that fails validation. */
  readonly read: (text: string) => Value;
  /** Validates a value; empty if it is valid. */
  readonly problems: (value: Value, key: string) => Problem[];
}

/** A required text that must match a pattern. */
export const text = (about: string, pattern: RegExp, rule: string, remedy: string): Setting<string> => ({
  about,
  kind: "text",
  read: (written) => written,
  problems: (value, key) => (pattern.test(value) ? [] : [problem(key, given(value), rule, remedy)]),
});

/** Any non-empty text: validated by the system that it refers to, not here. */
export const anyText = (about: string): Setting<string> =>
  text(about, /\S/, "must not be empty", "set it, or remove the key");

/** One of a fixed set of names. */
export const oneOf = <Name extends string>(about: string, names: readonly Name[], remedy: string): Setting<Name> => ({
  about,
  kind: "text",
  read: (written) => written as Name,
  problems: (value, key) => {
    const rule = `must be ${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
    return names.includes(value) ? [] : [problem(key, given(value), rule, remedy)];
  },
});

/** An unset key is read as an empty text. */
const given = (value: string): string | undefined => (value === "" ? undefined : value);

/** A list; anything else becomes a list with one invalid entry. */
export const list = <Entry>(
  about: string,
  broken: (text: string) => Entry,
  problems: Setting<readonly Entry[]>["problems"],
): Setting<readonly Entry[]> => ({
  about,
  kind: "json",
  read: (written) => {
    const given = fromJson(written);
    return Array.isArray(given) ? (given as Entry[]) : [broken(written)];
  },
  problems,
});

/** The same key with a default. */
export const withDefault = <Value>(setting: Setting<Value>, value: Value): Setting<Value> => ({
  ...setting,
  absent: { value },
});

/** The same key, optional and without a default value. */
export const optional = <Value>(setting: Setting<Value>): Setting<Value | undefined> => ({
  ...setting,
  absent: { value: undefined },
  problems: (value, key) => (value === undefined ? [] : setting.problems(value, key)),
});

/** Parses JSON; undefined if the text is not valid JSON. */
export function fromJson(written: string): unknown {
  try {
    return JSON.parse(written) as unknown;
  } catch {
    return undefined;
  }
}
