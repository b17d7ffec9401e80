/** One explicit provider for each region and for the site's cluster, so that no resource uses an ambient region. */
import { Provider as AwsProvider } from "@pulumi/aws/provider.js";
import { Provider as KubernetesProvider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { kubeContextOf, platformLimits, projectName } from "../../contract/index.ts";
import type { Cluster } from "../site/cluster/index.ts";
import type { Settings, SiteSettings } from "./settings.ts";

/** Retries of one AWS call. With the provider's default of 25, an update would hang for minutes on a failed region. */
const maxRetries = 5;

/** Providers of the shared stack. */
export interface RegionalProviders {
  /** The primary region. */
  primary: AwsProvider;
  /** The alternate region. */
  alternate: AwsProvider;
  /** us-east-1, where Route 53 publishes its metrics. */
  global: AwsProvider;
}

type Account = Pick<Settings, "namePrefix" | "accountId">;

export const regionalProviders = (
  settings: Account & Pick<Settings, "primaryRegion" | "alternateRegion">,
): RegionalProviders => ({
  primary: awsProvider("primary", settings.primaryRegion, settings),
  alternate: awsProvider("alternate", settings.alternateRegion, settings),
  global: awsProvider("global", platformLimits.route53.metricsRegion, settings),
});

/** The AWS provider of one region; refuses any account but the configured one. */
export const awsProvider = (name: string, region: string, { namePrefix, accountId }: Account): AwsProvider =>
  new AwsProvider(name, {
    region,
    allowedAccountIds: [accountId],
    maxRetries,
    // Must not depend on the site's role: a change of role must not update AWS resources.
    defaultTags: { tags: { Application: namePrefix, ManagedBy: projectName } },
  });

/**
 * The Kubernetes provider of this site's cluster. A kubeconfig in the configuration counts before that of a cluster which
 * the stack creates, e.g. for one that is reached through a tunnel. Nothing in the cluster changes before `approved`
 * resolves, and nothing at all if it rejects.
 */
export const kubernetesProvider = (
  settings: SiteSettings,
  approved: Promise<void> = Promise.resolve(),
  created?: Cluster,
): KubernetesProvider => {
  const { site, clusterName, clusterIdentifier } = settings;
  const kubeconfig = settings.kubeconfig ?? created?.kubeconfig;
  const identifier = clusterIdentifier ?? created?.identifier ?? clusterName;
  const context = kubeContextOf(settings, kubeconfig !== undefined);
  return new KubernetesProvider(`${site}-cluster`, {
    kubeconfig,
    context,
    // Without this, renewed credentials or a new address would count as another cluster and replace every object; with
    // one that did not follow the cluster, a new cluster would stay empty. See decision 35.
    clusterIdentifier: pulumi.output(approved.then(() => identifier)),
    enableServerSideApply: true,
  });
};
