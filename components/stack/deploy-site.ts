/** Deploys one region's site, with that region's provider alone: no update depends on another region. */
import type { Plan } from "../../plan/index.ts";
import { regionOf } from "../../contract/index.ts";
import { Site, siteImages, type SiteArgs } from "../site/index.ts";
import { deployFoundation } from "./foundation.ts";
import { awsProvider } from "./providers.ts";
import { topologyOf, type SiteSettings } from "./settings.ts";
import { readThrough, roleAgrees } from "./writer-record.ts";

export const siteHostnameOf = (settings: SiteSettings): string =>
  settings.site === "primary" ? settings.primaryHostname : settings.alternateHostname;

export function deploySite(settings: SiteSettings, plan: Plan): Site {
  const { site } = settings;
  const aws = awsProvider(site, regionOf(settings, site), settings);
  const approved = roleAgrees(settings, readThrough(topologyOf(settings), aws));
  const { kubernetes, before, storageClassName } = deployFoundation(settings, aws, approved);
  const args = { ...siteArgs(settings, plan), storageClassName };
  return new Site(site, args, { providers: [aws, kubernetes], dependsOn: before });
}

/** What the configuration says of the site. */
export function siteArgs(settings: SiteSettings, plan: Plan): SiteArgs {
  const { site, role, accountId, clusterName, databaseStorage, storageClassName, tierReplicas, certificateArn } =
    settings;
  return {
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
  };
}
