/** Public types of the local AWS: endpoints, recorded calls, faults and replication. */
import type { Run } from "../run/index.ts";

/** One request that reached a gateway. */
export interface CallRecord {
  /** Arrival, in milliseconds since the epoch. */
  at: number;
  /** Region of the signature, wherever the request arrived; "global" for services with one control plane. */
  region: string;
  /** Service name of the signature, e.g. `s3`, `monitoring`, `states`; `unsigned` without one. */
  service: string;
  /** API operation, e.g. `PutObject`; method and path if unknown. */
  operation: string;
  /** `User-Agent` header; absent without one. */
  userAgent?: string | undefined;
  /** HTTP status of the response; "refused" if the region was cut before or during the request. */
  status: number | "refused";
}

/** Selects requests that fail, and how. */
export interface FailRule {
  /** Service name as in `CallRecord`. @default every service */
  service?: string;
  /** Operation name as in `CallRecord`. @default every operation */
  operation?: string;
  /** HTTP status of the response, 400 to 599. */
  status: number;
  /**
   * Number of requests that fail.
   * @default unlimited
   */
  times?: number;
}

/** A version that could not be replicated to one destination. */
export interface ReplicationFailure {
  /** Milliseconds since the epoch. */
  at: number;
  /** Source bucket. */
  bucket: string;
  /** Object key. */
  key: string;
  /** Version of the object; empty if unknown. */
  versionId: string;
  /** Destination bucket. */
  destination: string;
  /** Error message. */
  reason: string;
}

/** Emulated S3 replication: follows the buckets' replication configurations, through the gateways. */
export interface Replicator {
  /**
   * Seconds between the arrival of a version and its replication; also applies to versions that wait already.
   * @default 0.2
   */
  delaySeconds: number;
  /** Number of pending copies, including those that wait for a cut region. */
  pending(): number;
  /** Permanent failures, oldest first. */
  failures(): ReplicationFailure[];
  /** Resolves when nothing is pending. @throws after `timeoutSeconds`, naming what is pending */
  idle(timeoutSeconds: number): Promise<void>;
}

/** Static AWS credentials. */
export interface Credentials {
  /** Access key. */
  accessKeyId: string;
  /** Secret key. */
  secretAccessKey: string;
}

export interface LocalAws {
  /** Base URL of a region's gateway, for all services; S3 is addressed path-style. @throws for an unknown region */
  endpoint(region: string): string;
  /** Base URL of the gateway of services with one control plane for all regions (IAM, Route 53, …). */
  readonly globalEndpoint: string;
  /** Finished requests, in order of arrival. */
  calls(): CallRecord[];
  /** Makes a region ("global" for the global control planes) unreachable: open requests are aborted, later ones refused. */
  cut(region: string): void;
  /** Undoes `cut`. */
  restore(region: string): void;
  /** Delays every request to a region by so many milliseconds; 0 ends it. */
  slow(region: string, milliseconds: number): void;
  /** Makes requests to a region fail until `times` is reached or the returned function is called. @throws RangeError for another status */
  fail(region: string, rule: FailRule): () => void;
  /** S3 replication between the regions. */
  readonly replicator: Replicator;
  /** Root credentials of the only account; policies are enforced for IAM users and roles. */
  readonly credentials: Credentials;
  /** Number of the only account. */
  readonly accountId: string;
  /** Stops the gateways and the emulator. Idempotent. */
  stop(): Promise<void>;
}

export interface StartAwsOptions {
  /** Owns the emulator's process and files. */
  run: Run;
  /** Path of a Python interpreter with ministack and cbor2, as `ensureTools` returns it. */
  python: string;
  /** Regions that get a gateway, e.g. `["eu-west-1"]`. */
  regions: readonly string[];
  /**
   * Region of the global control planes (IAM, Route 53): cutting it cuts them, too.
   * @default "us-east-1"
   */
  globalRegion?: string;
  /**
   * Number of the only account.
   * @default "123456789012"
   */
  accountId?: string;
}
