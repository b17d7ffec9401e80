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
import { bucketArn } from "../../../contract/index.ts";
import { lifecycleRules, type LifecycleDays } from "./lifecycle.ts";

export interface LockedBucketArgs {
  /** Physical name; both stacks and all jobs use it. */
  bucketName: string;
  /** AWS partition of the bucket, e.g. `aws`. */
  partition: string;
  /** ARN of this region's KMS key. */
  keyArn: pulumi.Input<string>;
  /** Who may shorten a lock: nobody, or a role with `s3:BypassGovernanceRetention`. */
  lockMode: "COMPLIANCE" | "GOVERNANCE";
  /** Days for which a new object is locked. */
  retentionDays: number;
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
  /** True: Pulumi refuses to delete or replace the bucket. */
  protect: boolean;
  /** True: a bucket that is removed from the program is kept in AWS. */
  retainOnDelete: boolean;
}

/**
 * All parts are children of the component, not of the bucket: depending on a component means depending on its direct
 * children only.
 */
export function lockedBucket(name: string, args: LockedBucketArgs, options: LockedBucketOptions): LockedBucket {
  const { protect, retainOnDelete, ...opts } = options;
  const bucket = new Bucket(
    name,
    // Object Lock is enabled at creation; changing it later would replace the bucket.
    { bucket: args.bucketName, objectLockEnabled: true, forceDestroy: false },
    { ...opts, protect, retainOnDelete },
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
    { bucket: bucket.bucket, rule: { defaultRetention: { mode: args.lockMode, days: args.retentionDays } } },
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
    { bucket: bucket.bucket, policy: tlsOnly(bucketArn(args.partition, args.bucketName)) },
    // S3 rejects concurrent changes of a bucket's access settings.
    { ...opts, dependsOn: [block] },
  );
}

const tlsOnly = (arn: string): string =>
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
    ],
  });
