/** Resources shared by both sites and owned by the primary's stack: store, keys, identities, traffic. */
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
import { topologyOf, type Shared } from "./deploy-site.ts";
import type { Settings } from "./settings.ts";

export interface RegionalProviders {
  /** The primary region. */
  primary: AwsProvider;
  /** The alternate region. */
  alternate: AwsProvider;
  /** us-east-1, where Route 53 publishes its metrics. */
  global: AwsProvider;
}

export function deployShared(settings: Settings, plan: Plan, aws: RegionalProviders): Shared {
  const topology = topologyOf(settings);
  const { accountId, namePrefix } = settings;
  const inPrimary = { provider: aws.primary };
  const store = new BackupStore(namePrefix, storeArgs(settings, plan, aws.alternate), inPrimary);
  const keys = new AccessKeys(
    namePrefix,
    { topology, keyArns: store.keyArns, accesses: settings.accessNames },
    inPrimary,
  );
  const roles = (["primary", "alternate"] as const).map(
    (site) => new SiteRoles(site, { topology, accountId, site, keyArns: store.keyArns }, inPrimary),
  );
  deployTraffic(settings, plan, aws);
  return { store, access: [keys, ...roles] };
}

const storeArgs = (settings: Settings, plan: Plan, alternate: AwsProvider) => {
  const topology = topologyOf(settings);
  return {
    topology,
    accountId: settings.accountId,
    alternate,
    retentionDays: Math.ceil(plan.backups.retention.seconds / daySeconds),
    lockMode: settings.lockMode,
    lockDays: settings.lockDays,
    replicationBoundSeconds: plan.backups.replicationBound.seconds,
    // By name: each region's topic belongs to that site's stack, and the stacks may be deployed in either order.
    alarmTopics: {
      primary: alarmTopicArn(topology, settings.accountId, "primary"),
      alternate: alarmTopicArn(topology, settings.accountId, "alternate"),
    },
  };
};

function deployTraffic(settings: Settings, plan: Plan, aws: RegionalProviders): void {
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

const zoneIdOf = ({ hostedZoneId, hostedZoneName }: Settings, provider: AwsProvider): pulumi.Input<string> =>
  hostedZoneId ?? getZoneOutput({ name: hostedZoneName }, { provider }).zoneId;
