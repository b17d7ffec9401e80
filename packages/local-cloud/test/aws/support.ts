/** A local AWS in two regions for a test file, with SDK clients. */
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { IAMClient } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import {
  CreateBucketCommand,
  PutBucketReplicationCommand,
  PutBucketVersioningCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { BucketLocationConstraint, ReplicationRule } from "@aws-sdk/client-s3";
import { startAws } from "../../aws/index.ts";
import type { Credentials, LocalAws } from "../../aws/index.ts";
import { openRun } from "../../run/index.ts";
import type { Run } from "../../run/index.ts";
import { ensurePython } from "../../tools/index.ts";

export const west = "eu-west-1";
export const central = "eu-central-1";

export interface Bench {
  aws: LocalAws;
  run: Run;
  s3(region: string, credentials?: Credentials): S3Client;
  kms(region: string): KMSClient;
  cloudWatch(region: string): CloudWatchClient;
  iam(): IAMClient;
  close(): Promise<void>;
}

export async function openBench(): Promise<Bench> {
  const python = await ensurePython((line) => console.log(line));
  const run = await openRun("aws-test");
  const aws = await startAws({ run, python, regions: [west, central] });
  const made: { destroy(): void }[] = [];
  const kept = <T extends { destroy(): void }>(client: T): T => {
    made.push(client);
    return client;
  };
  const common = (region: string): { region: string; endpoint: string; credentials: Credentials; maxAttempts: 1 } => ({
    region,
    endpoint: aws.endpoint(region),
    credentials: aws.credentials,
    maxAttempts: 1,
  });
  return {
    aws,
    run,
    s3: (region, credentials = aws.credentials) =>
      kept(new S3Client({ ...common(region), credentials, forcePathStyle: true })),
    kms: (region) => kept(new KMSClient(common(region))),
    cloudWatch: (region) => kept(new CloudWatchClient(common(region))),
    iam: () => kept(new IAMClient({ ...common("us-east-1"), endpoint: aws.globalEndpoint })),
    close: async () => {
      made.forEach((client) => client.destroy());
      await aws.stop();
      await run.close();
    },
  };
}

export interface BucketOptions {
  versioned?: boolean;
  locked?: boolean;
  /** Days of the default retention, in compliance mode. */
  retentionDays?: number;
}

export async function makeBucket(
  s3: S3Client,
  region: string,
  Bucket: string,
  options: BucketOptions = {},
): Promise<void> {
  const { versioned = true, locked = false, retentionDays } = options;
  const CreateBucketConfiguration = { LocationConstraint: region as BucketLocationConstraint };
  await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration, ObjectLockEnabledForBucket: locked }));
  if (versioned && !locked)
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  if (retentionDays !== undefined) {
    const Rule = { DefaultRetention: { Mode: "COMPLIANCE", Days: retentionDays } } as const;
    const ObjectLockConfiguration = { ObjectLockEnabled: "Enabled", Rule } as const;
    await s3.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }));
  }
}

/** Replicates everything from one bucket to another. */
export async function replicate(
  s3: S3Client,
  from: string,
  to: string,
  over: Partial<ReplicationRule> = {},
): Promise<void> {
  const rule: ReplicationRule = {
    ID: `to-${to}`,
    Status: "Enabled",
    Priority: 1,
    Filter: { Prefix: "" },
    DeleteMarkerReplication: { Status: "Disabled" },
    ...over,
    Destination: { Bucket: `arn:aws:s3:::${to}`, ...over.Destination },
  };
  const ReplicationConfiguration = { Role: "arn:aws:iam::123456789012:role/replication", Rules: [rule] };
  await s3.send(new PutBucketReplicationCommand({ Bucket: from, ReplicationConfiguration }));
}

/** Resolves to the error of an expected failure. */
export async function failureOf(work: Promise<unknown>): Promise<Error & { $metadata?: { httpStatusCode?: number } }> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not fail");
}
