/** A multi-Region key: data encrypted in either region can be decrypted in the other, even if the first is lost. */
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

/** The longest waiting period of KMS: losing the key means losing every recovery point. */
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
    // Rotation is configured on the primary key of a multi-Region key.
    { description, primaryKeyArn: primary.arn, deletionWindowInDays, policy },
    { ...opts, provider: alternate },
  );
  return { primary, alternate: replica };
}

/**
 * Delegates access control to IAM. KMS refuses a key policy that names a role which does not exist yet, and such a
 * policy silently stops matching when the role is recreated.
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
