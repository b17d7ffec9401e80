/** Which changed arguments of `kubernetes.Provider` mean another cluster: they replace every object of the instance. */
import { differences } from "../differences.ts";
import type { DiffResult } from "../provider.ts";
import { equal, hasUnknown, plainObject, type Json, type Properties } from "../values.ts";
import { loadKubeConfig } from "./kubeconfig.ts";

/** Arguments that select the cluster. */
const selectors = ["kubeconfig", "context", "cluster"];

/**
 * As the official provider: a changed `clusterIdentifier` is another cluster; an unchanged one is the same cluster,
 * whatever else changes. Without one, the address of the selected cluster decides, and an unknown address is another.
 */
export function diffConfig(before: Properties, after: Properties): DiffResult {
  const [old, wanted] = [plainObject(before), plainObject(after)];
  const replaced = replacedArguments(old, wanted);
  return differences(old, wanted, { replaces: (path) => replaced.includes(path) });
}

function replacedArguments(before: Properties, after: Properties): string[] {
  const { clusterIdentifier: old } = before;
  const { clusterIdentifier: wanted } = after;
  const identified = isText(old) && isText(wanted);
  if (identified && old === wanted) return [];
  return [...(identified ? ["clusterIdentifier"] : []), ...changedSelectors(before, after)];
}

function changedSelectors(before: Properties, after: Properties): string[] {
  const unknowns = selectors.filter((key) => hasUnknown(after[key]));
  if (unknowns.length > 0) return unknowns;
  return sameCluster(before, after) ? [] : selectors.filter((key) => !equal(before[key] ?? null, after[key] ?? null));
}

const isText = (value: Json | undefined): value is string => typeof value === "string" && value !== "";

/** Unreadable configurations count as the same cluster, so that a broken kubeconfig replaces nothing. */
function sameCluster(before: Properties, after: Properties): boolean {
  const [old, wanted] = [clusterOf(before), clusterOf(after)];
  return old === undefined || wanted === undefined || equal(old, wanted);
}

function clusterOf(config: Properties): Json | undefined {
  if (!isText(config.kubeconfig)) return undefined;
  try {
    const { server, caData, caFile, skipTLSVerify, tlsServerName } = loadKubeConfig(config).getCurrentCluster() ?? {};
    if (server === undefined) return undefined;
    return [server, caData ?? "", caFile ?? "", skipTLSVerify ?? false, tlsServerName ?? ""];
  } catch {
    return undefined;
  }
}
