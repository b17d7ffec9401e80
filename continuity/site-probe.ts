/** Probes a host name of the service: which site responds, and whether it serves users. */
import { setTimeout as delay } from "node:timers/promises";
import type { SiteEndpoint, SiteName } from "../contract/index.ts";
import { messageOf } from "./cannot-run.ts";
import { askSite, type Resolve, type SiteResponse } from "./site-http.ts";

export interface SiteProbe {
  hostname: string;
  /** An HTTP response was received, whatever its status. */
  answers: boolean;
  /** The site according to the response. */
  site: SiteName | undefined;
  /** The site serves users: it reports ready, or opens a session. */
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
  resolve?: Resolve | undefined;
}

/** A dead region accepts no connection, and must not take longer than this. */
const acceptSeconds = 3;
/** A live site may be slow under load; a load balancer drops a dead target after 10 s and reports it. */
export const answerSeconds = 12;
/** Statuses of a gateway without healthy targets. */
const gatewayFailures = [502, 503, 504];
const siteNames: readonly SiteName[] = ["primary", "alternate"];
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
      return await describe(target, await request(target, { path: "/v1/status", onConnect }));
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
    resolve,
    timeoutSeconds = answerSeconds,
    connectSeconds = Math.min(acceptSeconds, timeoutSeconds),
  }: ProbeTarget,
  request: { path: string; method?: string; body?: unknown; onConnect?: () => void },
): Promise<SiteResponse> => askSite({ hostname, endpoint, resolve, timeoutSeconds, connectSeconds, ...request });

async function describe(target: ProbeTarget, { status, fields }: SiteResponse): Promise<SiteProbe> {
  const { hostname } = target;
  const site = siteNames.find((name) => name === fields["site"]);
  const as = site === undefined ? `returned HTTP ${status} without naming a site` : `responds as the ${site} site`;
  const epoch = Number.isInteger(fields["epoch"]) ? (fields["epoch"] as number) : undefined;
  const seen = { hostname, answers: true, site, epoch, unclear: false };
  if (status === 200 && fields["ready"] === true) return { ...seen, serves: true, facts: `${hostname} ${as}, ready` };
  if (await opensSession(target)) return { ...seen, serves: true, facts: `${hostname} ${as} and users can sign in` };
  const unclear = site === undefined && !gatewayFailures.includes(status);
  return { ...seen, serves: false, unclear, facts: unclear ? `${hostname} ${as}` : `${hostname} ${as}, not ready` };
}

/** A service behind a different status page is recognized by opening a session. */
async function opensSession(target: ProbeTarget): Promise<boolean> {
  try {
    const { status, fields } = await request(target, {
      path: "/v1/session",
      method: "POST",
      body: { user: "continuity" },
    });
    return status === 200 && typeof fields["token"] === "string";
  } catch {
    return false;
  }
}
