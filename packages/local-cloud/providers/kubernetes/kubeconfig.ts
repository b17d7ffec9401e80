/** Loads the kubeconfig of a provider instance. */
import { readFileSync } from "node:fs";
import { KubeConfig } from "@kubernetes/client-node";
import type { Properties } from "../values.ts";

/** `kubeconfig` is text or a path. @default `$KUBECONFIG`, `~/.kube/config`, or the pod's service account */
export function loadKubeConfig(config: Properties): KubeConfig {
  const kubeConfig = new KubeConfig();
  const { kubeconfig, context, cluster } = config;
  if (typeof kubeconfig === "string" && kubeconfig !== "") kubeConfig.loadFromString(textOf(kubeconfig));
  else kubeConfig.loadFromDefault();
  if (typeof context === "string" && context !== "") select(kubeConfig, context);
  if (typeof cluster === "string" && cluster !== "") {
    const current = kubeConfig.getContextObject(kubeConfig.currentContext);
    kubeConfig.addContext({
      ...current,
      user: current?.user ?? "",
      cluster,
      name: `${kubeConfig.currentContext}@${cluster}`,
    });
    kubeConfig.setCurrentContext(`${kubeConfig.currentContext}@${cluster}`);
  }
  return kubeConfig;
}

/** Text has line breaks, braces or colons; a path has none. */
const textOf = (kubeconfig: string): string =>
  /[\n{]|:\s/.test(kubeconfig) ? kubeconfig : readFileSync(kubeconfig, "utf8");

function select(kubeConfig: KubeConfig, context: string): void {
  const names = kubeConfig.getContexts().map(({ name }) => name);
  if (!names.includes(context)) {
    throw new Error(
      `the kubeconfig has no context ${JSON.stringify(context)}; it has ${names.map((name) => JSON.stringify(name)).join(", ") || "none"}`,
    );
  }
  kubeConfig.setCurrentContext(context);
}
