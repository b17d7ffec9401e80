/** A bucket whose objects cannot be deleted during retention: versioned, locked, encrypted, private, TLS only. */
import * as pulumi from "@pulumi/pulumi";
import { Bucket } from "@pulumi/aws/s3/bucket.js";
import { BucketLifecycleConfiguration } from "@pulumi/aws/s3/bucketLifecycleConfiguration.js";
import { BucketObjectLockConfiguration } from "@pulumi/aws/s3/bucketObjectLockConfiguration.js";
import { BucketOwnershipControls } from "@pulumi/aws/s3/bucketOwnershipControls.js";
import { BucketPolicy } from "@pulumi/aws/s3/bucketPolicy.js";
import { BucketPublicAccessBlock } from "@pulumi/aws/s3/bucketPublicAccessBlock.js";
import { BucketServerSideEncryptionConfiguration } from "@pulumi/aws/s3/bucketServerSideEncryptionConfiguration.js";
import { BucketVersioning } from "@pulumi/aws/s3/bucketVersioning.js";
import type { Provider } from "@pulumi/aws/provider.js";
import { bucketArn, type LockMode } from "../../../contract/index.ts";
import { lifecycleRules, type LifecycleDays } from "./lifecycle.ts";

export interface LockedBucketArgs {
  /** Physical name; every stack and all jobs use it. */
  bucketName: string;
  /** AWS partition of the bucket, e.g. `aws`. */
  partition: string;
  /** ARN of this region's KMS key. */
  keyArn: pulumi.Input<string>;
  /** Who may shorten a lock: nobody, or a role with `s3:BypassGovernanceRetention`. */
  lockMode: LockMode;
  /** Days for which a new object is locked. */
  lockDays: number;
  /** Longest time, in days, for which anybody may extend the lock of an object. */
  longestLockDays: number;
  /** When objects move to another storage class and expire. */
  lifecycle: LifecycleDays;
}

export interface LockedBucket {
  bucket: Bucket;
  /** Replication depends on it: S3 refuses replication for an unversioned bucket. */
  versioning: BucketVersioning;
}

export interface LockedBucketOptions {
  parent: pulumi.Resource;
  /** Provider of the bucket's region; by default the parent's. */
  provider?: Provider;
  /** True: Pulumi refuses to delete or replace any part. */
  protect: boolean;
  /** True: a part that is removed from the program is kept in AWS. */
  retainOnDelete: boolean;
}

/**
 * All parts are children of the component, not of the bucket: depending on a component means depending on its direct
 * children only. All have the bucket's protection: a kept bucket without lock, versioning or policy protects nothing.
 */
export function lockedBucket(name: string, args: LockedBucketArgs, opts: LockedBucketOptions): LockedBucket {
  const bucket = new Bucket(
    name,
    // Object Lock is enabled at creation; changing it later would replace the bucket.
    { bucket: args.bucketName, objectLockEnabled: true, forceDestroy: false },
    opts,
  );
  const versioning = new BucketVersioning(
    name,
    { bucket: bucket.bucket, versioningConfiguration: { status: "Enabled" } },
    opts,
  );
  lockAndEncrypt(name, bucket, versioning, args, opts);
  keepPrivate(name, bucket, args, opts);
  new BucketLifecycleConfiguration(
    name,
    { bucket: bucket.bucket, rules: lifecycleRules(args.lifecycle) },
    { ...opts, dependsOn: [versioning] },
  );
  return { bucket, versioning };
}

function lockAndEncrypt(
  name: string,
  bucket: Bucket,
  versioning: BucketVersioning,
  args: LockedBucketArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  new BucketObjectLockConfiguration(
    name,
    { bucket: bucket.bucket, rule: { defaultRetention: { mode: args.lockMode, days: args.lockDays } } },
    { ...opts, dependsOn: [versioning] },
  );
  new BucketServerSideEncryptionConfiguration(
    name,
    {
      bucket: bucket.bucket,
      rules: [
        {
          applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: args.keyArn },
          // A bucket key changes the encryption context from the object's ARN to the bucket's. The replication role's
          // permissions are restricted to object ARNs, so replication would fail silently.
          bucketKeyEnabled: false,
        },
      ],
    },
    opts,
  );
}

function keepPrivate(name: string, bucket: Bucket, args: LockedBucketArgs, opts: pulumi.CustomResourceOptions): void {
  const block = new BucketPublicAccessBlock(
    name,
    {
      bucket: bucket.bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    opts,
  );
  new BucketOwnershipControls(name, { bucket: bucket.bucket, rule: { objectOwnership: "BucketOwnerEnforced" } }, opts);
  new BucketPolicy(
    name,
    { bucket: bucket.bucket, policy: bucketPolicy(bucketArn(args.partition, args.bucketName), args.longestLockDays) },
    // S3 rejects concurrent changes of a bucket's access settings.
    { ...opts, dependsOn: [block] },
  );
}

const bucketPolicy = (arn: string, longestLockDays: number): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [arn, `${arn}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
      {
        // In mode COMPLIANCE nobody could undo a lock of decades, and its storage would be billed to the end.
        Sid: "NoEndlessLock",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:PutObjectRetention",
        Resource: `${arn}/*`,
        Condition: { NumericGreaterThan: { "s3:object-lock-remaining-retention-days": String(longestLockDays) } },
      },
    ],
  });
