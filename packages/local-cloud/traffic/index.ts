/**
 * Emulates Route 53 failover routing from the records and health checks that the program created, with a reverse proxy in
 * place of the users' resolvers. Health check intervals and record TTLs are not emulated: add both to a measured failover
 * time.
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
  /** Resources that exist now, as `AwsProvider.resources` returns them; called for each evaluation. */
  records: () => RecordedResource[];
  /** Base URL of a site's load balancer by its host name; undefined for an unknown name. */
  siteAddress: SiteAddress;
  /** Base URL of a region's CloudWatch. */
  alarmEndpoint: (region: string) => string;
  /** Credentials for CloudWatch. @default root credentials of the local AWS */
  credentials?: AlarmReaderOptions["credentials"];
}

export interface Traffic {
  /** Base URL of the proxy, on 127.0.0.1. */
  url: string;
  /** Current target of the public name; undefined while no record answers. */
  current(): Target | undefined;
  /** Every change of `current`, oldest first. */
  history(): Switch[];
  /** Stops polling and the proxy. */
  stop(): Promise<void>;
}

/** Starts polling and the proxy; resolves after the first evaluation. */
export async function startTraffic(options: TrafficOptions): Promise<Traffic> {
  const { hostname, records, siteAddress, alarmEndpoint } = options;
  const { credentials = { accessKeyId: "test", secretAccessKey: "test" } } = options;
  const alarms = new AlarmReader({ endpoint: alarmEndpoint, credentials });
  const routing = new FailoverRouting({ hostname, records, alarms, endpoints: new EndpointProber(siteAddress) });
  await routing.start();
  const route: Route = async () => {
    const record = routing.record();
    if (!record) return { reason: routing.problem() ?? `no DNS record for ${hostname}` };
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
