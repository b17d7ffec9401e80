/**
 * Reads a resource's properties without throwing: a missing value or one of another type is undefined, and a value that
 * is unknown at preview is reported as a violation when a rule reads it. The SDK would throw instead, which makes a
 * mandatory rule advisory.
 */
import { UnknownValueError, type PolicyResource } from "@pulumi/policy";

/** Reports a violation, with the resource that it is about. */
export type Report = (message: string, urn?: string) => void;

/** The part of a resource that rules read; properties must be read through the functions below. */
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

/** Placeholder for an unknown value; reading it reports a violation. */
class Unknown {
  readonly reportIt: () => void;
  constructor(reportIt: () => void) {
    this.reportIt = reportIt;
  }
}

/** Converts a resource of the SDK, whose properties throw on unknown values. */
export function readable(resource: PolicyResource, report: Report): Found {
  const { type, name, urn, opts } = resource;
  const missing = (path: string) => () =>
    report(`cannot be checked at preview: ${path} of ${name} is unknown; give a plain value`, urn);
  // Converted on first read: a rule reads few of a stack's resources.
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
    // Plain assignment to this key would set the prototype.
    if (key === "__proto__") Object.defineProperty(settled, key, { value: inner, enumerable: true });
    else settled[key] = inner;
  }
  return settled;
}

/** Nested keys, such as `spec.jobTemplate.spec` or `rules.0.status`; a list if a key itself contains dots. */
export type Path = string | readonly string[];

export function valueAt(root: unknown, path: Path): unknown {
  const value = peekAt(root, path);
  if (!(value instanceof Unknown)) return value;
  value.reportIt();
  return undefined;
}

/** The value at a path, or its placeholder if it is unknown. */
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

/** NaN if there is no number: every comparison with NaN is false, so rules fail closed. */
export function numberAt(root: unknown, path: string): number {
  const value = valueAt(root, path);
  return typeof value === "number" ? value : Number.NaN;
}

export function listAt(root: unknown, path: string): unknown[] {
  const value = valueAt(root, path);
  return Array.isArray(value) ? value : [];
}

/** The strings of a list; other entries are undefined. */
export const textsAt = (root: unknown, path: string): (string | undefined)[] =>
  listAt(root, path).map((_, index) => textAt(root, `${path}.${index}`));

/** Names of an object's non-empty fields; does not read unknown values. */
export function keysAt(root: unknown, path: string): string[] {
  const value = valueAt(root, path);
  return isObject(value) ? Object.keys(value).filter((key) => !isEmpty(value[key])) : [];
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || (isObject(value) && Object.keys(value).length === 0);

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** Whether an object has a key; does not read the value, which may be unknown. */
export function hasKey(root: unknown, path: string, key: string): boolean {
  const value = valueAt(root, path);
  return isObject(value) && key in value;
}

export const ofType = (resources: readonly Found[], type: string): Found[] =>
  resources.filter((resource) => resource.type === type);

/**
 * The resources with that text at that path. If none matches, unknown values are reported, since one of them might
 * match.
 */
export function withText(resources: readonly Found[], path: string, text: string | undefined): Found[] {
  if (text === undefined) return [];
  const found = resources.filter(({ props }) => peekAt(props, path) === text);
  return found.length > 0 ? found : resources.filter(({ props }) => textAt(props, path) === text);
}

/** Region of an AWS resource: its own `region`, otherwise its provider's. */
export const regionOf = (resource: Found): string | undefined =>
  textAt(resource.props, "region") ?? textAt(resource.providerProps, "region");

/** Plain value of a container's environment variable. If it is repeated, the last one counts, as in Kubernetes. */
export function envOf(container: unknown, name: string): string | undefined {
  const entry = listAt(container, "env").findLast((variable) => textAt(variable, "name") === name);
  return textAt(entry, "value");
}
