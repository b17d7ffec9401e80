/** Probes a host name of the service: which site responds, and whether it serves users. */
import { setTimeout as delay } from "node:timers/promises";
import { readReadiness, type SiteEndpoint, type SiteName, type TrafficProbe } from "../contract/index.ts";
import { messageOf } from "./cannot-run.ts";
import type { ProbeHeaders } from "./probe-credential.ts";
import { askSite, type Resolve, type SiteResponse } from "./site-http.ts";

export interface SiteProbe {
  hostname: string;
  /** An HTTP response was received, whatever its status. */
  answers: boolean;
  /** The site according to the response. */
  site: SiteName | undefined;
  /** The site serves users, by the readiness contract. */
  serves: boolean;
  /**
   * A host is there but its state is unclear: slow, an untrusted certificate, a redirect, a firewall. It may be a
   * serving site. Clear cases are: no connection accepted, a site's own status, or a load balancer reporting that it
   * has no targets.
   */
  unclear: boolean;
  /** Epoch of the site's state, if reported. */
  epoch: number | undefined;
  /** The observation in one line. */
  facts: string;
}

export interface ProbeLimits {
  /** Time limit of one request, in seconds. @default 12 */
  timeoutSeconds?: number | undefined;
  /** Time limit until the connection is accepted, in seconds. @default 3 */
  connectSeconds?: number;
  /** Seconds before a refused connection is tried once more. @default 0.3 */
  pauseSeconds?: number;
}

export interface ProbeTarget extends ProbeLimits {
  hostname: string;
  endpoint: SiteEndpoint;
  /** Request that shows whether the site serves users. */
  probe: TrafficProbe;
  /** Headers of that request. */
  headers?: ProbeHeaders | undefined;
  resolve?: Resolve | undefined;
}

/** A dead region accepts no connection, and must not take longer than this. */
const acceptSeconds = 3;
/** A live site may be slow under load; a load balancer drops a dead target after 10 s and reports it. */
export const answerSeconds = 12;
/** Statuses of a gateway without healthy targets. */
const gatewayFailures = [502, 503, 504];
/** A refused connection is retried once: a load balancer in transition must not count as a dead site. */
const attempts = 2;
const retryPauseSeconds = 0.3;
/** What fails later than this was no refusal. */
const refusalSeconds = 0.3;

/** Never throws: no response is a result too. */
export async function probeSite(target: ProbeTarget): Promise<SiteProbe> {
  const { hostname, pauseSeconds = retryPauseSeconds } = target;
  let connected = false;
  const onConnect = () => (connected = true);
  for (let attempt = 1; ; attempt++) {
    const began = performance.now();
    try {
      return describe(target, await request(target, onConnect));
    } catch (error) {
      const late = performance.now() - began > refusalSeconds * 1000;
      if (attempt === attempts || late) {
        const how = connected ? "accepts connections but does not respond" : "is unreachable";
        const facts = `${hostname} ${how} (${messageOf(error)})`;
        return {
          hostname,
          answers: false,
          site: undefined,
          serves: false,
          unclear: connected,
          epoch: undefined,
          facts,
        };
      }
      await delay(pauseSeconds * 1000);
    }
  }
}

const request = (
  {
    hostname,
    endpoint,
    probe: { path, method },
    headers,
    resolve,
    timeoutSeconds = answerSeconds,
    connectSeconds = Math.min(acceptSeconds, timeoutSeconds),
  }: ProbeTarget,
  onConnect: () => void,
): Promise<SiteResponse> =>
  askSite({ hostname, endpoint, path, method, headers, resolve, timeoutSeconds, connectSeconds, onConnect });

function describe({ hostname, probe }: ProbeTarget, response: SiteResponse): SiteProbe {
  const { status } = response;
  const { site, epoch, serves } = readReadiness(probe, response);
  const as = site === undefined ? `returned HTTP ${status} without naming a site` : `responds as the ${site} site`;
  const seen = { hostname, answers: true, site, epoch, unclear: false };
  if (serves) return { ...seen, serves, facts: `${hostname} ${as}, ready` };
  const unclear = site === undefined && !gatewayFailures.includes(status);
  return { ...seen, serves, unclear, facts: unclear ? `${hostname} ${as}` : `${hostname} ${as}, not ready` };
}
