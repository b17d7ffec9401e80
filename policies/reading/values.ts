/**
 * Reads of a resource's properties that cannot throw: what is absent or of another type is undefined, and what a
 * preview does not know is reported as a violation as soon as a rule reads it. The SDK's own answer to such a read is
 * an exception that makes a mandatory rule advisory.
 */
import { UnknownValueError, type PolicyResource } from "@pulumi/policy";

/** Reports a violation, with the resource that it is about. */
export type Report = (message: string, urn?: string) => void;

/** The part of a resource that rules read; its properties are read by the functions below only. */
export interface Found {
  type: string;
  name: string;
  urn: string;
  props: Readable;
  protect: boolean;
  providerProps: Readable;
}

/** Properties, or a part of them. */
type Readable = object | undefined;

/** Stands where a value is not known; to read it is to report it. */
class Unknown {
  readonly reportIt: () => void;
  constructor(reportIt: () => void) {
    this.reportIt = reportIt;
  }
}

/** A resource as the SDK gives it, without its traps. */
export function readable(resource: PolicyResource, report: Report): Found {
  const { type, name, urn, opts } = resource;
  const missing = (path: string) => () =>
    report(`cannot be checked at preview: ${path} of ${name} is unknown; give a plain value`, urn);
  // Settled when first read: a rule looks into few of a stack's resources.
  const props = once(() => settle(resource.props, [], missing) as Readable);
  const providerProps = once(() => settle(resource.provider?.props, ["provider"], missing) as Readable);
  return {
    type,
    name,
    urn,
    protect: opts.protect,
    get props() {
      return props();
    },
    get providerProps() {
      return providerProps();
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function settle(value: unknown, path: readonly string[], missing: (path: string) => () => void): unknown {
  if (!isObject(value)) return value;
  const settled = (Array.isArray(value) ? [] : {}) as Record<string, unknown>;
  for (const key of Object.keys(value)) {
    let inner: unknown;
    try {
      inner = value[key];
      if (isObject(inner)) inner = settle(inner, [...path, key], missing);
    } catch (error) {
      if (!(error instanceof UnknownValueError)) throw error;
      inner = new Unknown(missing([...path, key].join(".")));
    }
    // An assignment to this key would set the prototype instead.
    if (key === "__proto__") Object.defineProperty(settled, key, { value: inner, enumerable: true });
    else settled[key] = inner;
  }
  return settled;
}

/** Keys one below the other, such as `spec.jobTemplate.spec` or `rules.0.status`; a list where a key has dots itself. */
export type Path = string | readonly string[];

export function valueAt(root: unknown, path: Path): unknown {
  const value = peekAt(root, path);
  if (!(value instanceof Unknown)) return value;
  value.reportIt();
  return undefined;
}

/** The value at a path, or what stands for it where it is not known. */
function peekAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const key of typeof path === "string" ? path.split(".") : path) {
    if (value instanceof Unknown) return value;
    value = isObject(value) ? value[key] : undefined;
  }
  return value;
}

export function textAt(root: unknown, path: Path): string | undefined {
  const value = valueAt(root, path);
  return typeof value === "string" ? value : undefined;
}

/** NaN where there is no number: every comparison with it fails, so a rule that compares fails closed. */
export function numberAt(root: unknown, path: string): number {
  const value = valueAt(root, path);
  return typeof value === "number" ? value : Number.NaN;
}

export function listAt(root: unknown, path: string): unknown[] {
  const value = valueAt(root, path);
  return Array.isArray(value) ? value : [];
}

/** The texts of a list; anything else in it is undefined. */
export const textsAt = (root: unknown, path: string): (string | undefined)[] =>
  listAt(root, path).map((_, index) => textAt(root, `${path}.${index}`));

/** Names of an object's fields that hold anything; what they hold is left alone. */
export function keysAt(root: unknown, path: string): string[] {
  const value = valueAt(root, path);
  return isObject(value) ? Object.keys(value).filter((key) => !isEmpty(value[key])) : [];
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || (isObject(value) && Object.keys(value).length === 0);

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** Whether an object has a key; its value, which a preview may not know, is left alone. */
export function hasKey(root: unknown, path: string, key: string): boolean {
  const value = valueAt(root, path);
  return isObject(value) && key in value;
}

export const ofType = (resources: readonly Found[], type: string): Found[] =>
  resources.filter((resource) => resource.type === type);

/**
 * The resources with that text at that path. Where one has it, nobody needs to know the others' texts; where none has
 * it, an unknown text might have been the one.
 */
export function withText(resources: readonly Found[], path: string, text: string | undefined): Found[] {
  if (text === undefined) return [];
  const found = resources.filter(({ props }) => peekAt(props, path) === text);
  return found.length > 0 ? found : resources.filter(({ props }) => textAt(props, path) === text);
}

/** Region of an AWS resource: its own, otherwise its provider's. */
export const regionOf = (resource: Found): string | undefined =>
  textAt(resource.props, "region") ?? textAt(resource.providerProps, "region");

/** Value of an environment variable of a container, where it is plain text. Of two the last counts, as in Kubernetes. */
export function envOf(container: unknown, name: string): string | undefined {
  const entry = listAt(container, "env").findLast((variable) => textAt(variable, "name") === name);
  return textAt(entry, "value");
}
