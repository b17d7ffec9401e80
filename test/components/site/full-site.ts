/** A site with every optional argument set, in order to see where each goes. */
import { Provider as KubernetesProvider } from "@pulumi/kubernetes/provider.js";
import { Site, siteImages, type SiteArgs } from "../../../components/site/index.ts";
import { accountId, plan, regional, topology } from "../../support/fixtures.ts";

export const certificateArn = "arn:aws:acm:eu-west-1:123456789012:certificate/x";
export const names = {
  imageRegistry: "registry.example.com/shop",
  imageTag: "v7",
  databaseImage: "surrealdb/surrealdb:v3.0.3",
};

export function build(changes: Partial<SiteArgs> = {}): Site {
  const providers = [regional("aws", topology.primaryRegion), new KubernetesProvider("cluster", {})];
  return new Site(
    "primary",
    {
      topology,
      site: "primary",
      role: "active",
      namespace: "shop",
      databaseNamespace: "orders",
      accountId,
      clusterName: "shop-primary",
      plan,
      images: siteImages(names),
      siteHostname: "primary.api.shop.example",
      certificateArn,
      alarmSubscribers: [{ protocol: "email", endpoint: "on-call@shop.example" }],
      databaseStorage: "70Gi",
      storageClassName: "auto-ebs",
      tierReplicas: { 1: 3, 2: 2 },
      ...changes,
    },
    { providers, dependsOn: [new KubernetesProvider("earlier", {})] },
  );
}
