/** Changes of a provider instance, and whether they mean another cluster. */
import { unknown } from "../../../providers/values.ts";
import type { PackageCase } from "../contract/package-contract.ts";
import { kubeconfigFor } from "./fake-api-server.ts";

const here = kubeconfigFor("http://127.0.0.1:1");
const elsewhere = kubeconfigFor("http://127.0.0.1:2");
const [blue, green] = [{ clusterIdentifier: "blue" }, { clusterIdentifier: "green" }];

export const clusterChanges: NonNullable<PackageCase["replacements"]> = [
  { before: blue, after: green, replaces: ["clusterIdentifier"] },
  {
    before: { ...blue, kubeconfig: here },
    after: { ...green, kubeconfig: elsewhere },
    replaces: ["clusterIdentifier", "kubeconfig"],
  },
  // The same identifier: new credentials or a new address of the same cluster.
  { before: { ...blue, kubeconfig: here }, after: { ...blue, kubeconfig: elsewhere }, replaces: [] },
  { before: { ...blue, kubeconfig: here }, after: { ...blue, kubeconfig: unknown }, replaces: [] },
  // Without an identifier on both sides, the address decides.
  { before: { kubeconfig: here }, after: { kubeconfig: elsewhere }, replaces: ["kubeconfig"] },
  { before: { kubeconfig: here }, after: { ...blue, kubeconfig: here }, replaces: [] },
  { before: { kubeconfig: here }, after: { kubeconfig: unknown }, replaces: ["kubeconfig"] },
  { before: { kubeconfig: here }, after: { kubeconfig: here, namespace: "other" }, replaces: [] },
];
