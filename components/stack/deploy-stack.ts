/** Composes the resources of one of the three stacks. */
import type { Plan } from "../../plan/index.ts";
import {
  metrics,
  otherSite,
  recoveryPointBucket,
  regionOf,
  siteEndpoint,
  switchMetricNamespace,
  trafficSwitchAlarm,
  type Role,
  type StackPart,
  type Topology,
} from "../../contract/index.ts";
import { deployShared } from "./deploy-shared.ts";
import { deploySite, siteHostnameOf } from "./deploy-site.ts";
import { regionalProviders } from "./providers.ts";
import { topologyOf, type Settings, type SiteSettings } from "./settings.ts";

/** Stack outputs for commands and operators; derived from the configuration only, so they are known at preview. */
export interface StackOutputs extends Partial<SiteOutputs> {
  /** What the stack deploys. */
  site: StackPart;
  /** URL that clients use, whichever site serves. */
  publicUrl: string;
  /** The metric that moves traffic, and the alarm that follows it. */
  trafficSwitch: { alarm: string; metric: string; namespace: string; region: string };
}

/** Outputs of a site's stack; the shared stack has none of them. */
interface SiteOutputs {
  role: Role;
  region: string;
  siteHostname: string;
  /** Bucket in the site's own region. */
  recoveryPointBucket: string;
  /** Bucket in the other site's region. */
  replicaBucket: string;
  /** Kubernetes namespace of the site. */
  namespace: string;
  /** Ids of the services, by tier. */
  services: Readonly<Record<string, string[]>>;
}

/** Deploys what the stack's configuration names: one site, or what both sites share. */
export function deployStack(settings: Settings, plan: Plan): StackOutputs {
  const topology = topologyOf(settings);
  const { scheme } = siteEndpoint(settings.certificateArn);
  const common = {
    site: settings.site,
    publicUrl: `${scheme}://${settings.publicHostname}`,
    trafficSwitch: trafficSwitchOf(topology),
  };
  if (settings.site === "shared") {
    deployShared(settings, plan, regionalProviders(settings));
    return common;
  }
  return { ...common, ...siteOutputs(settings, topology), services: deploySite(settings, plan).services };
}

const trafficSwitchOf = (topology: Topology): StackOutputs["trafficSwitch"] => ({
  alarm: trafficSwitchAlarm(topology),
  metric: metrics.alternateServesTraffic,
  namespace: switchMetricNamespace,
  region: topology.alternateRegion,
});

const siteOutputs = (settings: SiteSettings, topology: Topology): Omit<SiteOutputs, "services"> => ({
  role: settings.role,
  region: regionOf(topology, settings.site),
  siteHostname: siteHostnameOf(settings),
  recoveryPointBucket: recoveryPointBucket(topology, settings.site),
  replicaBucket: recoveryPointBucket(topology, otherSite(settings.site)),
  namespace: settings.namespace,
});
