/** What one key of a stack's configuration is, and the forms that most keys have. */
import { problem, type Problem } from "../problems.ts";

export interface Setting<Value> {
  /** What it is, with its unit, its default and what it changes. */
  readonly about: string;
  /** How the configuration holds it: plain text, or a list or an object, which is read from JSON. */
  readonly kind: "text" | "json";
  /** The value of a stack that does not set it. Omit: every stack must set it, unless Pulumi.yaml gives a default. */
  readonly absent?: { readonly value: Value };
  /** Never throws: what cannot be read becomes a value that breaks the rules. */
  readonly read: (text: string) => Value;
  /** What is wrong with a value. */
  readonly problems: (value: Value, key: string) => Problem[];
}

/** A text that every stack needs, and its rule. */
export const text = (about: string, pattern: RegExp, rule: string, remedy: string): Setting<string> => ({
  about,
  kind: "text",
  read: (written) => written,
  problems: (value, key) => (pattern.test(value) ? [] : [problem(key, given(value), rule, remedy)]),
});

/** A text that what it names decides about: a rule here could only be wrong. */
export const anyText = (about: string): Setting<string> =>
  text(about, /\S/, "must not be empty", "set it, or remove the key");

/** One of a few names. */
export const oneOf = <Name extends string>(about: string, names: readonly Name[], remedy: string): Setting<Name> => ({
  about,
  kind: "text",
  read: (written) => written as Name,
  problems: (value, key) => {
    const rule = `must be ${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
    return names.includes(value) ? [] : [problem(key, given(value), rule, remedy)];
  },
});

/** A key that is not set is read as an empty text. */
const given = (value: string): string | undefined => (value === "" ? undefined : value);

/** A list; what is none becomes a list of one entry that breaks the rules. */
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

/** The same key with a value for stacks that leave it out. */
export const withDefault = <Value>(setting: Setting<Value>, value: Value): Setting<Value> => ({
  ...setting,
  absent: { value },
});

/** The same key where leaving it out means something else than a value. */
export const optional = <Value>(setting: Setting<Value>): Setting<Value | undefined> => ({
  ...setting,
  absent: { value: undefined },
  problems: (value, key) => (value === undefined ? [] : setting.problems(value, key)),
});

/** Undefined where the text is no JSON. */
export function fromJson(written: string): unknown {
  try {
    return JSON.parse(written) as unknown;
  } catch {
    return undefined;
  }
}
