/** Physical names and ARNs in AWS: derived from configuration only, so that no stack reads another stack's state. */
import { type JobKind, jobRoleName } from "./job-names.ts";
import { type SiteName, type Topology, regionOf } from "./topology.ts";

/** Bucket with one region's copy of every recovery point. */
export const recoveryPointBucket = (topology: Topology, site: SiteName): string =>
  `${topology.namePrefix}-recovery-points-${regionOf(topology, site)}`;

/** Secrets Manager secret (same name in both regions) with the signing key of every database access, as a JSON object. */
export const accessKeysSecret = (topology: Topology): string => `${topology.namePrefix}/database-access-keys`;

/** Alarm in the alternate region; its ALARM state routes traffic to the alternate site. */
export const trafficSwitchAlarm = (topology: Topology): string => `${topology.namePrefix}-alternate-serves-traffic`;

/** ARN of that alarm. */
export const trafficSwitchAlarmArn = (topology: Topology, accountId: string): string => {
  const region = topology.alternateRegion;
  return `arn:${partitionOf(region)}:cloudwatch:${region}:${accountId}:alarm:${trafficSwitchAlarm(topology)}`;
};

/** Name of the SNS topic for continuity alarms; the same in both regions. */
export const alarmTopic = (topology: Topology): string => `${topology.namePrefix}-continuity-alarms`;

/** AWS partition of a region. */
export function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

/** ARN of the SNS topic for continuity alarms in one site's region. */
export const alarmTopicArn = (topology: Topology, accountId: string, site: SiteName): string => {
  const region = regionOf(topology, site);
  return `arn:${partitionOf(region)}:sns:${region}:${accountId}:${alarmTopic(topology)}`;
};

/** ARN of the IAM role of one job kind at one site. IAM is global, so the ARN contains no region. */
export const jobRoleArn = (topology: Topology, accountId: string, site: SiteName, kind: JobKind): string =>
  `arn:${partitionOf(topology.primaryRegion)}:iam::${accountId}:role/${jobRoleName(topology, site, kind)}`;

/** IAM role of one site's services that sign tokens; may only read the database access keys. */
export const servicesRoleName = (topology: Topology, site: SiteName): string =>
  `${topology.namePrefix}-services-${site}`;

export const servicesRoleArn = (topology: Topology, accountId: string, site: SiteName): string =>
  `arn:${partitionOf(topology.primaryRegion)}:iam::${accountId}:role/${servicesRoleName(topology, site)}`;

/** IAM role for people who must reach a created cluster when nothing else works; named for the by-hand runbook. */
export const breakGlassRoleName = (clusterName: string): string => `${clusterName}-break-glass`;

/** ARN of an S3 bucket. */
export const bucketArn = (partition: string, bucket: string): string => `arn:${partition}:s3:::${bucket}`;
