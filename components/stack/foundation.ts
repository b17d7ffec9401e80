/** Network and cluster of a site: created by the stack if the configuration says so. */
import type { Provider as AwsProvider } from "@pulumi/aws/provider.js";
import type { Provider as KubernetesProvider } from "@pulumi/kubernetes/provider.js";
import type * as pulumi from "@pulumi/pulumi";
import { regionOf, siteNetwork, storageClassOf } from "../../contract/index.ts";
import { Cluster, ClusterDefaults } from "../site/cluster/index.ts";
import { Network } from "../site/network/index.ts";
import { kubernetesProvider } from "./providers.ts";
import type { SiteSettings } from "./settings.ts";

export interface Foundation {
  /** Provider of the site's cluster. */
  kubernetes: KubernetesProvider;
  /** What must exist before anything of the site. */
  before: pulumi.Resource[];
  /** Storage class of the database's volume; undefined: the cluster's default. */
  storageClassName: string | undefined;
}

/** Nothing in the cluster changes before `approved` resolves. */
export function deployFoundation(settings: SiteSettings, aws: AwsProvider, approved?: Promise<void>): Foundation {
  const { site } = settings;
  const storageClassName = storageClassOf(settings);
  if (settings.cluster === "existing")
    return { kubernetes: kubernetesProvider(settings, approved), before: [], storageClassName };
  const cluster = createCluster(settings, aws);
  const kubernetes = kubernetesProvider(settings, approved, cluster);
  const defaults = new ClusterDefaults(site, { provider: kubernetes });
  return {
    kubernetes,
    before: [cluster, defaults],
    storageClassName,
  };
}

function createCluster(settings: SiteSettings, aws: AwsProvider): Cluster {
  const { site, accountId, clusterName, privateSubnetIds } = settings;
  const place = { region: regionOf(settings, site), accountId };
  const network =
    settings.network === "created"
      ? new Network(
          site,
          { ...place, cidr: siteNetwork(settings.networkRange, site), natGateways: settings.natGateways },
          { provider: aws },
        )
      : undefined;
  return new Cluster(
    site,
    {
      ...place,
      clusterName,
      subnetIds: network?.privateSubnetIds ?? [...privateSubnetIds],
      publicCidrs: settings.clusterPublicCidrs,
      admins: settings.clusterAdmins,
      version: settings.clusterVersion,
    },
    // Without ways out, nodes neither start nor join.
    { provider: aws, dependsOn: network ? [network] : [] },
  );
}
