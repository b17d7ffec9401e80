/** How AWS is reached for one resource: whose account, which region, and clients that are loaded when first used. */
import type { ClientConfig, Credentials, Service } from "./clients.ts";
import type { Properties } from "../values.ts";

export interface AwsOptions {
  /** Base URL of a region's endpoint. */
  endpoint: (region: string) => string;
  /** Base URL of the services that have one control plane for all regions, such as IAM. */
  globalEndpoint: string;
  /**
   * Used where a provider instance brings none of its own.
   * The environment's are never taken: they are those of a real account.
   * @default the emulator's root, whose access key is the account's number
   */
  credentials?: Credentials;
  /** @default "123456789012" */
  accountId?: string;
}

/** One resource's view of AWS. */
export interface Aws {
  readonly region: string;
  readonly accountId: string;
  /** What identifies the resource to Pulumi; a repeated create of it is recognised by this where AWS allows it. */
  readonly urn: string;
  /** Client of a service in the resource's region, or in another one. */
  client<Client>(service: Service<Client>, region?: string): Promise<Client>;
}

/** Keeps one client for each service, region and set of credentials. */
export class Clients {
  readonly #options: AwsOptions;
  readonly #known = new Map<string, Promise<unknown>>();

  constructor(options: AwsOptions) {
    this.#options = options;
  }

  get accountId(): string {
    return this.#options.accountId ?? "123456789012";
  }

  /** `config` is that of the provider instance. */
  access(urn: string, region: string, config: Properties): Aws {
    const credentials = credentialsOf(config, this.#options.credentials ?? rootOf(this.accountId));
    return {
      urn,
      region,
      accountId: this.accountId,
      client: (service, other) => this.#client(service, other ?? region, credentials),
    };
  }

  #client<Client>(service: Service<Client>, region: string, credentials: Credentials): Promise<Client> {
    const key = [service.name, service.global ? "" : region, credentials.accessKeyId].join(" ");
    const known = this.#known.get(key) as Promise<Client> | undefined;
    if (known) return known;
    const config: ClientConfig = service.global
      ? { region: "us-east-1", endpoint: this.#options.globalEndpoint, credentials }
      : { region, endpoint: this.#options.endpoint(region), credentials };
    const made = service.load({ ...config, ...limits });
    this.#known.set(key, made);
    return made;
  }
}

/** A dead endpoint fails a resource after some 20 s at most. */
const limits = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
};

const rootOf = (accountId: string): Credentials => ({ accessKeyId: accountId, secretAccessKey: "local" });

function credentialsOf({ accessKey, secretKey }: Properties, own: Credentials): Credentials {
  const given = typeof accessKey === "string" && typeof secretKey === "string";
  return given ? { accessKeyId: accessKey, secretAccessKey: secretKey } : own;
}
