import { readLedger, seed, startLoad, type Acknowledged, type LedgerEntry, type Load } from "../../local/load/index.ts";
import type { SiteAddresses } from "../../local/site-addresses.ts";
import type { LocalStack } from "../../local/stack.ts";
import { startTraffic, type Traffic } from "../../local/traffic/index.ts";
import { askSite } from "../site-http.ts";
import { poll } from "../within.ts";

const writesPerSecond = 20;
const requestTimeoutSeconds = 2;

/** The users of the service: they know its public name and nothing of regions. */
export class Users {
  readonly hostname: string;
  readonly #traffic: Traffic;
  #seeded: readonly Acknowledged[] = [];

  private constructor(hostname: string, traffic: Traffic) {
    this.hostname = hostname;
    this.#traffic = traffic;
  }

  static async of(local: LocalStack, addresses: SiteAddresses): Promise<Users> {
    const hostname = local.project.config.primary["publicHostname"] ?? "";
    const traffic = await startTraffic({
      hostname,
      records: () => local.provider.resources(),
      siteAddress: (name) => addresses.find(name),
      alarmEndpoint: (region) => local.aws.endpoint(region),
      credentials: local.aws.credentials,
    });
    return new Users(hostname, traffic);
  }

  /** Where the public name leads, as a base URL. */
  get url(): string {
    return this.#traffic.url;
  }

  /** What was written before the load began. */
  get seeded(): readonly Acknowledged[] {
    return this.#seeded;
  }

  async untilServed(timeoutSeconds: number): Promise<void> {
    const ask = async (): Promise<true> => {
      const resolve = { [this.hostname]: this.url };
      const { status, body } = await askSite({ hostname: this.hostname, path: "/v1/status", resolve });
      if (status !== 200 || body.ready !== true) throw new Error(`it answers ${status} ${JSON.stringify(body)}`);
      return true;
    };
    await poll("the service", ask, { timeoutSeconds });
  }

  async seed(rows: number): Promise<void> {
    this.#seeded = await seed(this.url, this.hostname, rows);
  }

  /** Writes numbered entries until it is stopped; each attempt has a number of its own. */
  startLoad(): Load {
    const firstNumber = this.#seeded.length;
    return startLoad({
      url: this.url,
      host: this.hostname,
      ratePerSecond: writesPerSecond,
      requestTimeoutSeconds,
      firstNumber,
    });
  }

  readLedger(): Promise<LedgerEntry[]> {
    return readLedger(this.url, this.hostname);
  }

  stop(): Promise<void> {
    return this.#traffic.stop();
  }
}
