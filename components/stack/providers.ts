/** One explicit provider for each region and one for the site's cluster; no resource lands in an ambient region. */
import { Provider as AwsProvider } from "@pulumi/aws/provider.js";
import { Provider as KubernetesProvider } from "@pulumi/kubernetes/provider.js";
import { kubeContextOf, projectName } from "../../contract/index.ts";
import type { Settings } from "./settings.ts";

/** Tries of one AWS call. The provider's own default of 25 would let a dead region hang an update for many minutes. */
const maxRetries = 5;

/** The AWS provider of one region; refuses to work in another account than the configured one. */
export const awsProvider = (name: string, region: string, { namePrefix, accountId }: Settings): AwsProvider =>
  new AwsProvider(name, {
    region,
    allowedAccountIds: [accountId],
    maxRetries,
    // Nothing here may depend on the site's role: a switch of roles must not touch AWS.
    defaultTags: { tags: { Application: namePrefix, ManagedBy: projectName } },
  });

/** The Kubernetes provider of this stack's own cluster. */
export const kubernetesProvider = (settings: Settings): KubernetesProvider => {
  const { site, namePrefix, kubeconfig } = settings;
  const context = kubeContextOf(settings, kubeconfig !== undefined);
  return new KubernetesProvider(`${site}-cluster`, {
    kubeconfig,
    context,
    // Renewed credentials or another address are the same cluster: without this they would replace every object.
    clusterIdentifier: `${namePrefix}-${site}`,
    enableServerSideApply: true,
  });
};
