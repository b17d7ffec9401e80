/** What both sites share, in a stack of its own: store, keys, identities, traffic. */
import type { Provider as AwsProvider } from "@pulumi/aws/provider.js";
import { getZoneOutput } from "@pulumi/aws/route53/getZone.js";
import type * as pulumi from "@pulumi/pulumi";
import { daySeconds, entryServiceOf, type Plan } from "../../plan/index.ts";
import { alarmTopicArn, kubeletPathsOf, siteEndpoint } from "../../contract/index.ts";
import { AccessKeys } from "../shared/access-keys/index.ts";
import { AlarmTopic } from "../kit/alarms/index.ts";
import { BackupStore } from "../shared/backup-store/index.ts";
import { SiteRoles } from "../shared/identity/index.ts";
import { Traffic } from "../shared/traffic/index.ts";
import type { RegionalProviders } from "./providers.ts";
import { topologyOf, type SharedSettings } from "./settings.ts";

/** Without `site`, since nothing here depends on which stack deploys it. */
type SharedConfig = Omit<SharedSettings, "site">;

/** What the shared stack deploys; a site needs it at run time. */
export interface Shared {
  /** Both buckets with their replication. */
  store: BackupStore;
  /** Access keys, and the roles of both sites. */
  access: pulumi.Resource[];
}

/** Deploys both buckets with their replication, keys, the roles of both sites, zone records and health checks. */
export function deployShared(settings: SharedConfig, plan: Plan, aws: RegionalProviders): Shared {
  const { accountId, namePrefix } = settings;
  const topology = topologyOf(settings);
  const inPrimary = { provider: aws.primary };
  const store = new BackupStore(namePrefix, storeArgs(settings, plan, aws.alternate), inPrimary);
  const { keyArns } = store;
  const keys = new AccessKeys(namePrefix, { topology, keyArns, accesses: settings.accessNames }, inPrimary);
  const roles = (["primary", "alternate"] as const).map(
    (site) => new SiteRoles(site, { topology, accountId, site, keyArns }, inPrimary),
  );
  deployTraffic(settings, plan, aws);
  return { store, access: [keys, ...roles] };
}

const storeArgs = (settings: SharedConfig, plan: Plan, alternate: AwsProvider) => {
  const topology = topologyOf(settings);
  return {
    topology,
    accountId: settings.accountId,
    alternate,
    retentionDays: Math.ceil(plan.backups.retention.seconds / daySeconds),
    lockMode: settings.lockMode,
    lockDays: settings.lockDays,
    replicationBoundSeconds: plan.backups.replicationBound.seconds,
    // By name: each region's topic belongs to that site's stack, which is deployed later.
    alarmTopics: {
      primary: alarmTopicArn(topology, settings.accountId, "primary"),
      alternate: alarmTopicArn(topology, settings.accountId, "alternate"),
    },
  };
};

function deployTraffic(settings: SharedConfig, plan: Plan, aws: RegionalProviders): void {
  const { accountId, namePrefix, publicHostname, primaryHostname, alternateHostname } = settings;
  const topology = topologyOf(settings);
  const reachabilityTopic = new AlarmTopic(
    "reachability",
    { topicName: `${namePrefix}-reachability-alarms`, accountId, subscribers: settings.alarmSubscribers },
    { provider: aws.global },
  );
  new Traffic(
    namePrefix,
    {
      topology,
      alternate: aws.alternate,
      global: aws.global,
      zoneId: zoneIdOf(settings, aws.primary),
      publicHostname,
      siteHostnames: { primary: primaryHostname, alternate: alternateHostname },
      traffic: plan.traffic,
      endpoint: siteEndpoint(settings.certificateArn),
      alivePath: kubeletPathsOf(entryServiceOf(plan)).alive,
      reachabilityTopic: reachabilityTopic.arn,
      switchTopic: alarmTopicArn(topology, accountId, "alternate"),
    },
    { provider: aws.primary },
  );
}

const zoneIdOf = ({ hostedZoneId, hostedZoneName }: SharedConfig, provider: AwsProvider): pulumi.Input<string> =>
  hostedZoneId ?? getZoneOutput({ name: hostedZoneName }, { provider }).zoneId;
