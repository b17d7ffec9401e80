/** What S3 may do when it copies between the two buckets; each grant that is missing makes copies fail silently. */
import * as pulumi from "@pulumi/pulumi";

export interface ReplicationEnd {
  /** Known before the bucket exists. */
  bucketArn: string;
  region: string;
  /** ARN of this region's key. */
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
        // Locked objects are skipped without the next two.
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

/** Use of the key, for objects of this bucket only: S3 names the object's ARN as the encryption context. */
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
