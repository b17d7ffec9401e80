/** ARNs that follow from configuration alone, so that a stack can name what the other stack owns. */
import { alarmTopic, jobRoleName, regionOf, type JobKind, type SiteName, type Topology } from "../../plan/names.ts";

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
