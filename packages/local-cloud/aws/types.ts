/** What the local AWS promises to those who use it: endpoints, a record of every call, faults and replication. */
import type { Run } from "../run/index.ts";

/** One request that reached a gateway. */
export interface CallRecord {
  /** When its headers had been read, in milliseconds since the epoch. */
  at: number;
  /** The region that the request was signed for, wherever it arrived; "global" for services with one control plane. */
  region: string;
  /** Name that the signature gives the service, e.g. `s3`, `monitoring`, `states`; `unsigned` where there is none. */
  service: string;
  /** API operation, e.g. `PutObject`; the method and path where the operation is not known. */
  operation: string;
  userAgent?: string | undefined;
  /** HTTP status of the answer; "refused" when the region was cut, before or while the request was under way. */
  status: number | "refused";
}

/** Which requests fail on purpose, and how. */
export interface FailRule {
  /** @default every service */
  service?: string;
  /** @default every operation */
  operation?: string;
  /** HTTP status of the answer, 400 to 599. */
  status: number;
  /**
   * How many requests fail before the rule is used up.
   * @default without end
   */
  times?: number;
}

/** One version that could not be replicated, or not to every destination. */
export interface ReplicationFailure {
  /** Milliseconds since the epoch. */
  at: number;
  bucket: string;
  key: string;
  versionId: string;
  /** Destination bucket. */
  destination: string;
  reason: string;
}

/** Stands for S3's replication service: obeys the buckets' own replication settings, through the gateways. */
export interface Replicator {
  /** Seconds between the arrival of a version and its copy; a change holds for what waits already. */
  delaySeconds: number;
  /** Copies not made yet, including those that wait for a cut region. */
  pending(): number;
  /** What could not be copied, with reasons, oldest first. */
  failures(): ReplicationFailure[];
  /** Settles when nothing is pending; fails after the timeout, naming what is. */
  idle(timeoutSeconds: number): Promise<void>;
}

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

export interface LocalAws {
  /** Base URL of a region's gateway: S3 is addressed path-style. */
  endpoint(region: string): string;
  /** Base URL of the gateway of services with one control plane for all regions (IAM, Route 53, …). */
  readonly globalEndpoint: string;
  /** Every request so far, in order of arrival. */
  calls(): CallRecord[];
  /** Makes a region ("global" for the global control planes) unreachable at once: open requests break, later ones are refused. */
  cut(region: string): void;
  /** Undoes `cut`. */
  restore(region: string): void;
  /** Delays every request of a region; 0 ends it. */
  slow(region: string, milliseconds: number): void;
  /** Makes requests of a region fail until the rule is used up or the returned function is called. */
  fail(region: string, rule: FailRule): () => void;
  readonly replicator: Replicator;
  /** Root credentials of the one account; IAM users and roles made with them are held to their policies. */
  readonly credentials: Credentials;
  readonly accountId: string;
  /** Ends the gateways and the emulator. May be called again. */
  stop(): Promise<void>;
}

export interface StartAwsOptions {
  run: Run;
  /** Python of a virtual environment with ministack and cbor2. */
  python: string;
  regions: readonly string[];
  /**
   * Region that holds the control planes of global services: cutting it cuts them, too.
   * @default "us-east-1"
   */
  globalRegion?: string;
  /** @default "123456789012" */
  accountId?: string;
}
