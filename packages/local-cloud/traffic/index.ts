/**
 * Where the public name leads: failover routing as Route 53 does it, from the records and health checks that the
 * program made, behind a reverse proxy that stands for the users' resolvers. Neither the interval of the health checks
 * nor the records' time to live is waited for: who measures a switch has to add both.
 */
import { AlarmReader } from "./alarm-reader.ts";
import type { AlarmReaderOptions } from "./alarm-reader.ts";
import { EndpointProber } from "./endpoint-prober.ts";
import type { SiteAddress } from "./endpoint-prober.ts";
import { FailoverRouting } from "./failover-routing.ts";
import type { Switch } from "./failover-routing.ts";
import { startProxy } from "./proxy.ts";
import type { Route } from "./proxy.ts";
import type { RecordedResource } from "../providers/aws/index.ts";
import type { Target } from "./records.ts";

export { healthCheckerAgent } from "./alarm-reader.ts";
export type { Switch } from "./failover-routing.ts";
export type { Target } from "./records.ts";

export interface TrafficOptions {
  /** Public name, e.g. `api.shop.example`. */
  hostname: string;
  /** Everything that the program has made so far; asked again for each decision. */
  records: () => RecordedResource[];
  /** Base URL of a site's load balancer by its host name; `undefined` for a name that does not resolve. */
  siteAddress: SiteAddress;
  /** Where a region's CloudWatch answers. */
  alarmEndpoint: (region: string) => string;
  /** @default ones that the local AWS takes for root's */
  credentials?: AlarmReaderOptions["credentials"];
}

export interface Traffic {
  /** Base URL of the proxy. */
  url: string;
  /** Site to which the public name leads now; `undefined` before it leads anywhere. */
  current(): Target | undefined;
  /** Every change of `current`, oldest first. */
  history(): Switch[];
  stop(): Promise<void>;
}

/** Resolves after the first decision. */
export async function startTraffic(options: TrafficOptions): Promise<Traffic> {
  const { hostname, records, siteAddress, alarmEndpoint } = options;
  const { credentials = { accessKeyId: "test", secretAccessKey: "test" } } = options;
  const alarms = new AlarmReader({ endpoint: alarmEndpoint, credentials });
  const routing = new FailoverRouting({ hostname, records, alarms, endpoints: new EndpointProber(siteAddress) });
  await routing.start();
  const route: Route = async () => {
    const record = routing.record();
    if (!record) return { reason: routing.problem() ?? `no record answers for ${hostname}` };
    const url = await siteAddress(record.hostname);
    return url === undefined ? { reason: `${record.hostname} does not resolve` } : { url };
  };
  const proxy = await startProxy(route);
  return {
    url: proxy.url,
    current: () => routing.record()?.target,
    history: () => routing.history(),
    stop: async () => {
      await Promise.all([routing.stop(), proxy.stop()]);
      alarms.close();
    },
  };
}
