/** Physical names and ARNs in AWS: pure functions of configuration, so that no stack reads another stack's state. */
import { type JobKind, jobRoleName } from "./job-names.ts";
import { type SiteName, type Topology, regionOf } from "./topology.ts";

/** Bucket that keeps one region's copy of every recovery point. */
export const recoveryPointBucket = (topology: Topology, site: SiteName): string =>
  `${topology.namePrefix}-recovery-points-${regionOf(topology, site)}`;

/** Secrets Manager secret (same name in both regions) with the real key of every database access, as a JSON object. */
export const accessKeysSecret = (topology: Topology): string => `${topology.namePrefix}/database-access-keys`;

/** Alarm in the alternate region whose ALARM state sends traffic to the alternate site. */
export const trafficSwitchAlarm = (topology: Topology): string => `${topology.namePrefix}-alternate-serves-traffic`;

/** SNS topic for continuity alarms of one region. */
export const alarmTopic = (topology: Topology): string => `${topology.namePrefix}-continuity-alarms`;

/** The partition that a region belongs to. */
export function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

/** SNS topic that takes the continuity alarms of one site's region. */
export const alarmTopicArn = (topology: Topology, accountId: string, site: SiteName): string => {
  const region = regionOf(topology, site);
  return `arn:${partitionOf(region)}:sns:${region}:${accountId}:${alarmTopic(topology)}`;
};

/** IAM role of one kind of continuity job of one site. IAM is global, so the ARN names no region. */
export const jobRoleArn = (topology: Topology, accountId: string, site: SiteName, kind: JobKind): string =>
  `arn:${partitionOf(topology.primaryRegion)}:iam::${accountId}:role/${jobRoleName(topology, site, kind)}`;

/** IAM role of one site's services that sign tokens: may read the database access keys, nothing else. */
export const servicesRoleName = (topology: Topology, site: SiteName): string =>
  `${topology.namePrefix}-services-${site}`;

export const servicesRoleArn = (topology: Topology, accountId: string, site: SiteName): string =>
  `arn:${partitionOf(topology.primaryRegion)}:iam::${accountId}:role/${servicesRoleName(topology, site)}`;

/** S3 bucket by name. */
export const bucketArn = (partition: string, bucket: string): string => `arn:${partition}:s3:::${bucket}`;
