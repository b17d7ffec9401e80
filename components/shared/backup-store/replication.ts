/** Replicates each bucket to the other with S3 Replication Time Control and its metrics. */
import * as pulumi from "@pulumi/pulumi";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import type { Provider } from "@pulumi/aws/provider.js";
import { BucketReplicationConfig } from "@pulumi/aws/s3/bucketReplicationConfig.js";
import type * as aws from "@pulumi/aws/types/input.js";
import { platformLimits, type SiteName } from "../../../contract/index.ts";
import type { LockedBucket } from "./locked-bucket.ts";
import { replicationPermissions, s3AssumesRole, type ReplicationEnd } from "./replication-permissions.ts";

/** Both buckets with their keys' ARNs, by site. */
export type ReplicationPair = Record<SiteName, ReplicationEnd & { locked: LockedBucket }>;

/** Id of the only rule; a dimension of S3's replication metrics. */
export const replicationRuleId = "every-recovery-point";

/**
 * Replicates in both directions from the start: after a failover exports go to the alternate bucket, and the control
 * plane needed to change bucket settings may be down.
 */
export function replicateBothWays(
  name: string,
  pair: ReplicationPair,
  alternate: Provider,
  opts: pulumi.CustomResourceOptions,
): Record<SiteName, BucketReplicationConfig> {
  const role = new Role(
    `${name}-replication`,
    { assumeRolePolicy: s3AssumesRole(), description: "S3 copies recovery points between the two regions" },
    opts,
  );
  const permissions = new RolePolicy(
    `${name}-replication`,
    { role: role.id, policy: replicationPermissions(pair.primary, pair.alternate) },
    opts,
  );
  const between = (from: SiteName, to: SiteName, options: pulumi.CustomResourceOptions): BucketReplicationConfig =>
    new BucketReplicationConfig(
      `${name}-${from}-to-${to}`,
      { bucket: pair[from].locked.bucket.bucket, role: role.arn, rules: [replicationRule(pair[to])] },
      { ...options, dependsOn: [pair[from].locked.versioning, pair[to].locked.versioning, permissions] },
    );
  return {
    primary: between("primary", "alternate", opts),
    alternate: between("alternate", "primary", { ...opts, provider: alternate }),
  };
}

function replicationRule(to: ReplicationEnd): aws.s3.BucketReplicationConfigRule {
  const threshold = { minutes: platformLimits.s3.replicationTimeMinutes };
  return {
    id: replicationRuleId,
    priority: 0,
    status: "Enabled",
    filter: { prefix: "" },
    // A deletion in one region, accidental or malicious, must not propagate to the other copy.
    deleteMarkerReplication: { status: "Disabled" },
    sourceSelectionCriteria: {
      // Without this, a longer lock or a legal hold set on a replica would not propagate back.
      replicaModifications: { status: "Enabled" },
      // Without this, S3 silently skips every encrypted object.
      sseKmsEncryptedObjects: { status: "Enabled" },
    },
    destination: {
      bucket: to.bucketArn,
      // Replicas are read when the other region is lost: never a class that needs retrieval first.
      storageClass: "STANDARD",
      encryptionConfiguration: { replicaKmsKeyId: to.keyArn },
      replicationTime: { status: "Enabled", time: threshold },
      metrics: { status: "Enabled", eventThreshold: threshold },
    },
  };
}
