/**
 * What a part of an object may look like: the fields that are known to do no harm, and the values that they may have.
 * Kubernetes has many fields with which a job is accepted and never runs, and gets new ones; so what is not known to
 * do no harm is a violation, and nobody has to think of every field that does.
 */
import { hasKey, keysAt, valueAt } from "./values.ts";

export interface Field {
  holds: (value: unknown) => boolean;
  /** What must hold, e.g. `it must be false`; undefined where any value will do, which is then not even read. */
  rule: string | undefined;
  /** Whether to leave it out breaks the rule too. */
  required: boolean;
}

export type Shape = Readonly<Record<string, Field>>;

/** Any value, also one that a preview does not know. */
export const any: Field = { holds: () => true, rule: undefined, required: false };

/** One of these values, or none at all. */
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

/** What is wrong with the fields of the object at a path, one line each. */
export function misshapen(root: unknown, path: string, shape: Shape): string[] {
  const stray = keysAt(root, path).filter((key) => !Object.hasOwn(shape, key));
  const strayLines = stray.map(
    (key) => `${path}.${key} is set, and nobody has shown that the job runs with it; remove it`,
  );
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
