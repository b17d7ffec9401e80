/** Access to AWS for one resource: account, region, and SDK clients that are loaded on first use. */
import type { Credentials } from "../../aws/index.ts";
import type { ClientConfig, Service } from "./clients.ts";
import type { Properties } from "../values.ts";

export interface AwsOptions {
  /** Base URL of a region's services. */
  endpoint: (region: string) => string;
  /** Base URL of global services such as IAM. */
  globalEndpoint: string;
  /**
   * Credentials for provider instances without their own. Those of the environment are never used: they may be of a real
   * account.
   * @default root credentials of the emulator, whose access key is the account's number
   */
  credentials?: Credentials;
  /** Account number. @default "123456789012" */
  accountId?: string;
  /**
   * Seconds for which a call is repeated that names a role that does not exist yet.
   * @default 120, as in the official provider
   */
  propagationSeconds?: number;
}

/** AWS as one resource uses it. */
export interface Aws {
  readonly region: string;
  readonly accountId: string;
  /** Seconds for which a call is repeated that names a role that does not exist yet. */
  readonly propagationSeconds: number;
  /** URN of the resource. */
  readonly urn: string;
  /** Client of a service in the resource's region, or in another. */
  client<Client>(service: Service<Client>, region?: string): Promise<Client>;
}

/** Caches one client per service, region and access key. */
export class Clients {
  readonly #options: AwsOptions;
  readonly #known = new Map<string, Promise<unknown>>();

  constructor(options: AwsOptions) {
    this.#options = options;
  }

  get accountId(): string {
    return this.#options.accountId ?? "123456789012";
  }

  /** `config`: arguments of the provider instance. */
  access(urn: string, region: string, config: Properties): Aws {
    const credentials = credentialsOf(config, this.#options.credentials ?? rootOf(this.accountId));
    return {
      urn,
      region,
      accountId: this.accountId,
      propagationSeconds: this.#options.propagationSeconds ?? 120,
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

/** An unreachable endpoint fails a resource within about 20 s. */
const limits = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
};

const rootOf = (accountId: string): Credentials => ({ accessKeyId: accountId, secretAccessKey: "local" });

function credentialsOf({ accessKey, secretKey }: Properties, own: Credentials): Credentials {
  const given = typeof accessKey === "string" && typeof secretKey === "string";
  return given ? { accessKeyId: accessKey, secretAccessKey: secretKey } : own;
}
