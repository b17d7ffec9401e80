/** The replicator's SDK clients: they go through the gateways, with a user agent that identifies them. */
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import type { Credentials } from "./types.ts";

/** Part of the user agent of every call that the replicator makes. */
export const replicatorAgent = "local-s3-replicator";

/** The SDK would log a warning for every stream that a cut region breaks. */
const silent = { trace: noop, debug: noop, info: noop, warn: noop, error: noop };

function noop(): void {
  return undefined;
}

export interface RegionClients {
  s3: S3Client;
  kms: KMSClient;
  cloudWatch: CloudWatchClient;
}

export class ReplicationClients {
  readonly #endpoint: (region: string) => string;
  readonly #credentials: Credentials;
  readonly #byRegion = new Map<string, RegionClients>();

  constructor(endpoint: (region: string) => string, credentials: Credentials) {
    this.#endpoint = endpoint;
    this.#credentials = credentials;
  }

  in(region: string): RegionClients {
    const known = this.#byRegion.get(region);
    if (known) return known;
    const common = {
      region,
      endpoint: this.#endpoint(region),
      credentials: this.#credentials,
      customUserAgent: [[replicatorAgent, "1"]] as [string, string][],
      logger: silent,
      maxAttempts: 1, // the queue retries
      requestHandler: { connectionTimeout: 2_000, requestTimeout: 60_000 },
    };
    const clients: RegionClients = {
      // The destination validates the checksum; validating here would wrap the stream that must be destroyed.
      s3: new S3Client({ ...common, forcePathStyle: true, responseChecksumValidation: "WHEN_REQUIRED" }),
      kms: new KMSClient(common),
      cloudWatch: new CloudWatchClient(common),
    };
    this.#byRegion.set(region, clients);
    return clients;
  }

  close(): void {
    for (const clients of this.#byRegion.values()) for (const client of Object.values(clients)) client.destroy();
  }
}
