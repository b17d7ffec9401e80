/** What leaves a bucket by itself, and when: nothing before its lock ends, nothing kept that nobody needs. */
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

/** A part of an upload that stopped is of no use to the next run, which starts over. */
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
      // A marker with no version behind it only slows listings.
      expiration: { expiredObjectDeleteMarker: true },
      abortIncompleteMultipartUpload: { daysAfterInitiation: abandonedUploadDays },
    },
  ];
}

/**
 * Expiry puts a delete marker in front one day after the lock has ended, and the version behind it
 * goes a day later. Markers of a lifecycle never replicate, so each region's bucket cleans itself.
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
  // Never a Glacier class: reading one back takes longer than the recovery time objective.
  return { ...rule, transitions: [{ days: days.infrequentAccessAfterDays, storageClass: "STANDARD_IA" }] };
}
