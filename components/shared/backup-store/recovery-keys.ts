/** One key in both regions: what is encrypted in either can be decrypted in either, also when the other is gone. */
import type * as pulumi from "@pulumi/pulumi";
import { Key } from "@pulumi/aws/kms/key.js";
import { ReplicaKey } from "@pulumi/aws/kms/replicaKey.js";
import type { Provider } from "@pulumi/aws/provider.js";
import { platformLimits } from "../../../contract/index.ts";

export interface RecoveryKeys {
  /** Multi-Region primary key, in the primary region. */
  primary: Key;
  /** Its replica in the alternate region. */
  alternate: ReplicaKey;
}

/** The longest waiting period that KMS has: a key deleted by mistake is the loss of every recovery point. */
const deletionWindowInDays = platformLimits.deletionWindowDays.kms;

export function recoveryKeys(
  name: string,
  accountId: string,
  partition: string,
  alternate: Provider,
  opts: pulumi.CustomResourceOptions,
): RecoveryKeys {
  const policy = keyPolicy(accountId, partition);
  const description = "Recovery points and database access keys, readable in both regions";
  const primary = new Key(
    `${name}-primary`,
    { description, multiRegion: true, enableKeyRotation: true, deletionWindowInDays, policy },
    opts,
  );
  const replica = new ReplicaKey(
    `${name}-alternate`,
    // Rotation of a multi-Region key is the primary key's business.
    { description, primaryKeyArn: primary.arn, deletionWindowInDays, policy },
    { ...opts, provider: alternate },
  );
  return { primary, alternate: replica };
}

/**
 * Hands the decision to IAM. A key policy that named the jobs' roles would be refused while
 * a role does not exist yet, and would silently stop to match when one is recreated.
 */
const keyPolicy = (accountId: string, partition: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "IamDecides",
        Effect: "Allow",
        Principal: { AWS: `arn:${partition}:iam::${accountId}:root` },
        Action: "kms:*",
        Resource: "*",
      },
    ],
  });
