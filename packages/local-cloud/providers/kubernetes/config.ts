/** Arguments of `kubernetes.Provider`: supported and rejected ones. */
import type { CheckFailure } from "../provider.ts";
import { hasUnknown, type Properties } from "../values.ts";
import { loadKubeConfig } from "./kubeconfig.ts";

/** Supported, or irrelevant without Helm releases. */
export const honoured = [
  "kubeconfig",
  "context",
  "cluster",
  "namespace",
  "enableConfigMapMutable",
  "enableSecretMutable",
  "enablePatchForce",
  "upsertExistingObjects",
  "deleteUnreachable",
  "skipUpdateUnreachable",
  "suppressDeprecationWarnings",
  "suppressHelmHookWarnings",
] as const;

/** Rejected for some values: ignoring them would deploy something else. */
export const refused: Record<string, (value: string) => boolean> = {
  enableServerSideApply: (value) => value === "false",
  clusterIdentifier: () => false,
  kubeClientSettings: () => false,
  alwaysRender: (value) => value === "true",
  renderYamlToDirectory: (value) => value !== "",
  helmReleaseSettings: () => true,
};

const internal = ["version", "pluginDownloadURL", "__internal"];

export type Flag = Extract<
  (typeof honoured)[number],
  `${string}${"Mutable" | "Force" | "Objects" | "Unreachable" | "Warnings"}`
>;

/** Flags are JSON text. */
export const isSet = (config: Properties, flag: Flag): boolean => config[flag] === "true" || config[flag] === true;

export function checkConfig(config: Properties): CheckFailure[] {
  const failures: CheckFailure[] = [];
  for (const [property, value] of Object.entries(config)) {
    if ((honoured as readonly string[]).includes(property) || internal.includes(property)) continue;
    const refuses = refused[property];
    if (!refuses) failures.push({ property, reason: "is not an argument of kubernetes.Provider" });
    else if (refuses(String(value)))
      failures.push({
        property,
        reason: `the local Kubernetes provider does not support ${property}: ${String(value)}`,
      });
  }
  if (config.kubeconfig !== undefined && !hasUnknown(config)) {
    try {
      loadKubeConfig(config);
    } catch (error) {
      failures.push({ property: "kubeconfig", reason: (error as Error).message });
    }
  }
  return failures;
}
