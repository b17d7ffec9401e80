/** Permissions of S3 for copying between the two buckets; if one is missing, copies fail silently. */
import * as pulumi from "@pulumi/pulumi";

export interface ReplicationEnd {
  /** Derived from the bucket's name, so it is known before the bucket exists. */
  bucketArn: string;
  /** AWS region of the bucket. */
  region: string;
  /** ARN of this region's KMS key. */
  keyArn: pulumi.Input<string>;
}

export const s3AssumesRole = (): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "s3.amazonaws.com" }, Action: "sts:AssumeRole" }],
  });

/** One role for both directions: each end is source and destination. */
export function replicationPermissions(one: ReplicationEnd, other: ReplicationEnd): pulumi.Output<string> {
  return pulumi.output([one.keyArn, other.keyArn]).apply(([oneKey, otherKey]) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        ...readSource(one, oneKey!),
        ...readSource(other, otherKey!),
        ...writeDestination(one, oneKey!),
        ...writeDestination(other, otherKey!),
      ],
    }),
  );
}

function readSource(end: ReplicationEnd, keyArn: string): object[] {
  return [
    { Effect: "Allow", Action: ["s3:GetReplicationConfiguration", "s3:ListBucket"], Resource: end.bucketArn },
    {
      Effect: "Allow",
      Action: [
        "s3:GetObjectVersionForReplication",
        "s3:GetObjectVersionAcl",
        "s3:GetObjectVersionTagging",
        // Without the next two, S3 skips locked objects.
        "s3:GetObjectRetention",
        "s3:GetObjectLegalHold",
      ],
      Resource: `${end.bucketArn}/*`,
    },
    throughS3(end, keyArn, ["kms:Decrypt"]),
  ];
}

function writeDestination(end: ReplicationEnd, keyArn: string): object[] {
  const actions = ["s3:ReplicateObject", "s3:ReplicateTags", "s3:ObjectOwnerOverrideToBucketOwner"];
  return [
    { Effect: "Allow", Action: actions, Resource: `${end.bucketArn}/*` },
    throughS3(end, keyArn, ["kms:Encrypt", "kms:GenerateDataKey"]),
  ];
}

/** Use of the key for objects of this bucket only: S3 passes the object's ARN as the encryption context. */
const throughS3 = (end: ReplicationEnd, keyArn: string, actions: string[]): object => ({
  Effect: "Allow",
  Action: actions,
  Resource: keyArn,
  Condition: {
    StringLike: {
      "kms:ViaService": `s3.${end.region}.amazonaws.com`,
      "kms:EncryptionContext:aws:s3:arn": `${end.bucketArn}/*`,
    },
  },
});
