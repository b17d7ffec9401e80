/** Diffs two property maps by path, as `pulumi preview --diff` shows it. */
import type { DiffKind, DiffResult, PropertyDiff } from "./provider.ts";
import { equal, isObject, plain, type Json, type Properties } from "./values.ts";

/** `spec` + `containers` → `spec.containers`; indexes are in brackets, keys are quoted where necessary. */
export function childPath(path: string, key: string | number): string {
  if (typeof key === "number") return `${path}[${key}]`;
  if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

export interface DiffOptions {
  /** Whether a change at this path requires a replacement; called for each differing path. */
  replaces?: (path: string) => boolean;
  /** Whether a replacement deletes the old resource first. @default false */
  deleteBeforeReplace?: boolean;
  /** False if the old values are outputs, i.e. the diff shows drift. @default true */
  inputDiff?: boolean;
}

/** Compares plain values: ignores the wrappers of secrets; an unknown value differs from any known one. */
export function differences(before: Properties, after: Properties, options: DiffOptions = {}): DiffResult {
  const kinds: Record<string, "add" | "delete" | "update"> = {};
  compare("", plain(before), plain(after), kinds);
  const detailed: Record<string, PropertyDiff> = {};
  const replaces: string[] = [];
  for (const [path, change] of Object.entries(kinds)) {
    const replace = options.replaces?.(path) ?? false;
    if (replace) replaces.push(path);
    const kind: DiffKind = replace ? `${change}-replace` : change;
    detailed[path] = { kind, inputDiff: options.inputDiff ?? true };
  }
  const deleteBeforeReplace = replaces.length > 0 && (options.deleteBeforeReplace ?? false);
  return { changes: Object.keys(detailed).length > 0, replaces, deleteBeforeReplace, detailed };
}

function compare(
  path: string,
  before: Json | undefined,
  after: Json | undefined,
  kinds: Record<string, "add" | "delete" | "update">,
): void {
  if (before === undefined && after === undefined) return;
  if (before === undefined) kinds[path] = "add";
  else if (after === undefined) kinds[path] = "delete";
  else if (Array.isArray(before) && Array.isArray(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index++) {
      compare(childPath(path, index), before[index], after[index], kinds);
    }
  } else if (isObject(before) && isObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      compare(childPath(path, key), before[key], after[key], kinds);
    }
  } else if (!equal(before, after)) kinds[path] = "update";
}
