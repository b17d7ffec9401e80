/** Composes the resources of one of the two stacks. */
import type { Plan } from "../../plan/index.ts";
import {
  metrics,
  otherSite,
  platformLimits,
  recoveryPointBucket,
  regionOf,
  siteEndpoint,
  switchMetricNamespace,
  trafficSwitchAlarm,
} from "../../contract/index.ts";
import { deployShared } from "./deploy-shared.ts";
import { deploySite, siteHostnameOf, topologyOf } from "./deploy-site.ts";
import { awsProvider } from "./providers.ts";
import type { Settings } from "./settings.ts";

/** Deploys the site and, in the primary's stack, the resources that both sites share. */
export function deployStack(settings: Settings, plan: Plan) {
  const { site, primaryRegion, alternateRegion } = settings;
  const alternate = awsProvider("alternate", alternateRegion, settings);
  if (site === "alternate") return outputsOf(settings, deploySite(settings, plan, alternate).services);
  const primary = awsProvider("primary", primaryRegion, settings);
  const global = awsProvider("global", platformLimits.route53.metricsRegion, settings);
  const shared = deployShared(settings, plan, { primary, alternate, global });
  return outputsOf(settings, deploySite(settings, plan, primary, shared).services);
}

/** Stack outputs for commands and operators; derived from the configuration only, so they are known at preview. */
function outputsOf(settings: Settings, services: Readonly<Record<string, string[]>>) {
  const topology = topologyOf(settings);
  const { site, role } = settings;
  return {
    site,
    role,
    region: regionOf(topology, site),
    publicUrl: `${siteEndpoint(settings.certificateArn).scheme}://${settings.publicHostname}`,
    siteHostname: siteHostnameOf(settings),
    recoveryPointBucket: recoveryPointBucket(topology, site),
    replicaBucket: recoveryPointBucket(topology, otherSite(site)),
    namespace: settings.namespace,
    trafficSwitch: {
      alarm: trafficSwitchAlarm(topology),
      metric: metrics.alternateServesTraffic,
      namespace: switchMetricNamespace,
      region: topology.alternateRegion,
    },
    services,
  };
}
