/**
 * Type tokens as the providers call them now. A rule that looks for a token and finds nothing reports a violation, so a
 * provider that renames a type stops the deployment instead of slipping through.
 */
export const types = {
  namespace: "kubernetes:core/v1:Namespace",
  cronJob: "kubernetes:batch/v1:CronJob",
  deployment: "kubernetes:apps/v1:Deployment",
  priorityClass: "kubernetes:scheduling.k8s.io/v1:PriorityClass",
  secret: "kubernetes:core/v1:Secret",
  bucket: "aws:s3/bucket:Bucket",
  versioning: "aws:s3/bucketVersioning:BucketVersioning",
  objectLock: "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
  replication: "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
} as const;
