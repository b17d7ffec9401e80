import { readLedger, seed, startLoad, type Acknowledged, type LedgerEntry, type Load } from "../load/index.ts";
import type { SiteAddresses } from "./site-addresses.ts";
import type { LocalStack } from "./local-stack.ts";
import { startTraffic, type Traffic } from "@vapora-continuity/local-cloud/traffic";
import {
  readReadiness,
  siteEndpoint,
  trafficProbeOf,
  type SiteEndpoint,
  type TrafficProbe,
} from "../../contract/index.ts";
import type { Plan } from "../../plan/index.ts";
import { askSite } from "../../continuity/site-http.ts";
import { poll } from "../../continuity/within.ts";

const writesPerSecond = 20;
const requestTimeoutSeconds = 2;

/** Users of the service, who use its public name only. */
export class Users {
  readonly hostname: string;
  readonly endpoint: SiteEndpoint;
  readonly #traffic: Traffic;
  readonly #probe: TrafficProbe;
  #seeded: readonly Acknowledged[] = [];

  private constructor(hostname: string, endpoint: SiteEndpoint, traffic: Traffic, probe: TrafficProbe) {
    this.hostname = hostname;
    this.endpoint = endpoint;
    this.#traffic = traffic;
    this.#probe = probe;
  }

  static async of(plan: Plan, local: LocalStack, addresses: SiteAddresses): Promise<Users> {
    const { publicHostname: hostname = "", certificateArn } = local.project.config.primary;
    const traffic = await startTraffic({
      hostname,
      records: () => local.provider.resources(),
      siteAddress: (name) => addresses.find(name),
      alarmEndpoint: (region) => local.aws.endpoint(region),
      credentials: local.aws.credentials,
    });
    return new Users(hostname, siteEndpoint(certificateArn), traffic, trafficProbeOf(plan));
  }

  /** Base URL that the public name resolves to. */
  get url(): string {
    return this.#traffic.url;
  }

  /** Writes acknowledged before the load. */
  get seeded(): readonly Acknowledged[] {
    return this.#seeded;
  }

  async untilServed(timeoutSeconds: number): Promise<void> {
    const ask = async (): Promise<true> => {
      const { hostname, endpoint } = this;
      const resolve = { [hostname]: this.url };
      const { path, method } = this.#probe;
      const answer = await askSite({ hostname, endpoint, path, method, resolve });
      if (!readReadiness(this.#probe, answer).serves)
        throw new Error(`it returned HTTP ${answer.status} ${JSON.stringify(answer.body)}`);
      return true;
    };
    await poll("the service", ask, { timeoutSeconds });
  }

  async seed(rows: number): Promise<void> {
    this.#seeded = await seed(this.url, this.hostname, rows);
  }

  /** Writes numbered entries until stopped; each attempt has a unique number. */
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
