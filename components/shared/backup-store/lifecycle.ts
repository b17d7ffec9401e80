/** Lifecycle rules: objects expire only after their lock ends, and nothing is kept longer than needed. */
import type * as aws from "@pulumi/aws/types/input.js";
import { bucketKeys, platformLimits } from "../../../contract/index.ts";

type Rule = aws.s3.BucketLifecycleConfigurationRule;

export interface LifecycleDays {
  /** Days for which a recovery point is locked. */
  retentionDays: number;
  /** Days after which a recovery point moves to STANDARD_IA; 0: never. */
  infrequentAccessAfterDays: number;
  /** Days for which evidence is kept. */
  evidenceDays: number;
}

/** Parts of an incomplete upload are useless: the next run starts over. */
const abandonedUploadDays = 1;

export function lifecycleRules(days: LifecycleDays): Rule[] {
  return [
    recoveryPoints("full-exports", bucketKeys.fullPrefix, days),
    recoveryPoints("change-exports", bucketKeys.changesPrefix, days),
    expiring("evidence", "evidence/", days.evidenceDays),
    {
      id: "writer-record",
      status: "Enabled",
      filter: { prefix: bucketKeys.writer },
      noncurrentVersionExpiration: { noncurrentDays: days.retentionDays },
    },
    {
      id: "leftovers",
      status: "Enabled",
      filter: { prefix: "" },
      // A delete marker without noncurrent versions only slows down listings.
      expiration: { expiredObjectDeleteMarker: true },
      abortIncompleteMultipartUpload: { daysAfterInitiation: abandonedUploadDays },
    },
  ];
}

/**
 * Expiration adds a delete marker one day after the lock ends; the noncurrent version is deleted a day later. S3 never
 * replicates delete markers created by lifecycle rules, so both buckets need these rules.
 */
function expiring(id: string, prefix: string, days: number): Rule {
  return {
    id,
    status: "Enabled",
    filter: { prefix },
    expiration: { days: days + 1 },
    noncurrentVersionExpiration: { noncurrentDays: 1 },
  };
}

function recoveryPoints(id: string, prefix: string, days: LifecycleDays): Rule {
  const rule = expiring(id, prefix, days.retentionDays);
  if (days.infrequentAccessAfterDays < platformLimits.s3.infrequentAccessMinimumDays) return rule;
  // Never a Glacier class: retrieval takes longer than the recovery time objective.
  return { ...rule, transitions: [{ days: days.infrequentAccessAfterDays, storageClass: "STANDARD_IA" }] };
}
