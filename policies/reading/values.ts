/** Reads of a resource's properties that cannot throw: what is absent or of another type is undefined. */
import type { PolicyResource } from "@pulumi/policy";

/** The part of a resource that rules read. */
export type Found = Pick<PolicyResource, "type" | "name" | "urn" | "props" | "opts" | "provider">;

/** The value at a path such as `spec.jobTemplate.spec` or `rules.0.status`. */
export function valueAt(root: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), root);
}

export function textAt(root: unknown, path: string): string | undefined {
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

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** Whether an object has a key; its value, which a preview may not know, is left alone. */
export function hasKey(root: unknown, path: string, key: string): boolean {
  const value = valueAt(root, path);
  return isObject(value) && key in value;
}

export const ofType = <R extends Found>(resources: readonly R[], type: string): R[] =>
  resources.filter((resource) => resource.type === type);

/** Region of an AWS resource: its own, otherwise its provider's. */
export const regionOf = (resource: Found): string | undefined =>
  textAt(resource.props, "region") ?? textAt(resource.provider?.props, "region");

/** Value of an environment variable of a container, where it is plain text. */
export function envOf(container: unknown, name: string): string | undefined {
  const entry = listAt(container, "env").find((variable) => textAt(variable, "name") === name);
  return textAt(entry, "value");
}
