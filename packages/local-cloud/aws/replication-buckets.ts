/** Caches the bucket settings that replication depends on, until they change. */
import {
  GetBucketReplicationCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
} from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import { enabledRules } from "./replication-rules.ts";
import type { Rule } from "./replication-rules.ts";

export interface BucketSettings {
  rules: Rule[];
  versioned: boolean;
  locked: boolean;
}

export class BucketSettingsCache {
  readonly #clientFor: (bucket: string) => S3Client;
  readonly #facts = new Map<string, Promise<BucketSettings>>();

  constructor(clientFor: (bucket: string) => S3Client) {
    this.#clientFor = clientFor;
  }

  of(bucket: string): Promise<BucketSettings> {
    const known = this.#facts.get(bucket) ?? this.#read(bucket);
    this.#facts.set(bucket, known);
    known.catch(() => this.#forgetOnly(bucket, known));
    return known;
  }

  forget(bucket: string): void {
    this.#facts.delete(bucket);
  }

  #forgetOnly(bucket: string, facts: Promise<BucketSettings>): void {
    if (this.#facts.get(bucket) === facts) this.#facts.delete(bucket);
  }

  async #read(bucket: string): Promise<BucketSettings> {
    const client = this.#clientFor(bucket);
    const [replication, versioning, lock] = await Promise.all([
      absent(client.send(new GetBucketReplicationCommand({ Bucket: bucket })), "ReplicationConfigurationNotFoundError"),
      client.send(new GetBucketVersioningCommand({ Bucket: bucket })),
      absent(
        client.send(new GetObjectLockConfigurationCommand({ Bucket: bucket })),
        "ObjectLockConfigurationNotFoundError",
      ),
    ]);
    return {
      rules: replication?.ReplicationConfiguration ? enabledRules(replication.ReplicationConfiguration) : [],
      versioned: versioning.Status === "Enabled",
      locked: lock?.ObjectLockConfiguration?.ObjectLockEnabled === "Enabled",
    };
  }
}

async function absent<T>(answer: Promise<T>, code: string): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && error.name === code) return undefined;
    throw error;
  }
}
