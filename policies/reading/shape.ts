/**
 * Allowlists of fields and their values. Kubernetes has many fields that can keep an accepted job from running, and
 * adds new ones; so every field that is not known to be harmless is a violation.
 */
import { hasKey, keysAt, valueAt } from "./values.ts";

export interface Field {
  /** Whether a value is allowed. */
  holds: (value: unknown) => boolean;
  /** The rule in words, e.g. `it must be false`; undefined if any value is allowed, which is then not read. */
  rule: string | undefined;
  /** Whether a missing field is a violation. */
  required: boolean;
}

export type Shape = Readonly<Record<string, Field>>;

/** Any value, including one that is unknown at preview. */
export const any: Field = { holds: () => true, rule: undefined, required: false };

/** One of these values, or unset. */
export const only = (...values: unknown[]): Field => ({
  holds: (value) => values.includes(value),
  rule: `it must be ${values.map((value) => JSON.stringify(value)).join(" or ")}`,
  required: false,
});

export const atLeast = (minimum: number, why: string): Field => ({
  holds: (value) => typeof value === "number" && value >= minimum,
  rule: `it must be ${minimum} or more, ${why}`,
  required: true,
});

export const required = (field: Field): Field => ({ ...field, required: true });

/** Problems with the fields of the object at a path, one line each. */
export function misshapen(root: unknown, path: string, shape: Shape): string[] {
  const stray = keysAt(root, path).filter((key) => !Object.hasOwn(shape, key));
  const strayLines = stray.map((key) => `${path}.${key} is set, but the job is not known to run with it; remove it`);
  const broken = Object.entries(shape).flatMap(([key, field]) => brokenField(root, path, key, field));
  return [...strayLines, ...broken];
}

function brokenField(root: unknown, path: string, key: string, { holds, rule, required }: Field): string[] {
  if (!hasKey(root, path, key)) {
    return required ? [`${path}.${key} is missing, ${rule ?? "and the job needs it"}; set it`] : [];
  }
  if (rule === undefined) return [];
  const value = valueAt(root, `${path}.${key}`);
  const absent = value === undefined || value === null;
  if (absent ? !required : holds(value)) return [];
  return [`${path}.${key} is ${JSON.stringify(value) ?? "missing"}, ${rule}; set it`];
}
