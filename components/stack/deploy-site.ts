/** Deploys one region's site, which both stacks have. */
import type { Provider as AwsProvider } from "@pulumi/aws/provider.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Plan } from "../../plan/index.ts";
import type { Topology } from "../../contract/index.ts";
import { Site, siteImages } from "../site/index.ts";
import { deployFoundation } from "./foundation.ts";
import type { Settings } from "./settings.ts";
import { readThrough, roleAgrees } from "./writer-record.ts";

/** Shared resources that the site depends on if they belong to the same stack. */
export interface Shared {
  /** Access keys and roles: pods need them at startup. */
  access: pulumi.Resource[];
  /** Buckets and their replication: the first export needs them. */
  store: pulumi.Resource;
}

export const topologyOf = ({ namePrefix, primaryRegion, alternateRegion }: Settings): Topology => ({
  namePrefix,
  primaryRegion,
  alternateRegion,
});

export const siteHostnameOf = (settings: Settings): string =>
  settings.site === "primary" ? settings.primaryHostname : settings.alternateHostname;

export function deploySite(settings: Settings, plan: Plan, aws: AwsProvider, shared?: Shared): Site {
  const { site, role, accountId, clusterName, databaseStorage, tierReplicas, certificateArn } = settings;
  const approved = roleAgrees(settings, readThrough(topologyOf(settings), aws));
  const { kubernetes, before, storageClassName } = deployFoundation(settings, aws, approved);
  return new Site(
    site,
    {
      topology: topologyOf(settings),
      site,
      role,
      namespace: settings.namespace,
      databaseNamespace: settings.databaseNamespace,
      accountId,
      clusterName,
      plan,
      images: siteImages(settings),
      siteHostname: siteHostnameOf(settings),
      alarmSubscribers: settings.alarmSubscribers,
      databaseStorage,
      storageClassName,
      claimedStorage: settings.claimedStorage,
      lockDays: settings.lockDays,
      certificateArn,
      tierReplicas,
      store: shared?.store,
    },
    { providers: [aws, kubernetes], dependsOn: [...before, ...(shared?.access ?? [])] },
  );
}
