/** What answers under a name of the service, and whether it lets users in. */
import { setTimeout as delay } from "node:timers/promises";
import type { SiteEndpoint, SiteName } from "../contract/index.ts";
import { messageOf } from "./cannot-run.ts";
import { askSite, type Resolve, type SiteResponse } from "./site-http.ts";

export interface SiteProbe {
  hostname: string;
  /** Something speaks HTTP there, whatever it answers. */
  answers: boolean;
  /** The site that it is, by its own account. */
  site: SiteName | undefined;
  /** It takes users: ready by its own account, or it opens a session. */
  serves: boolean;
  /**
   * Somebody is there, but what it is cannot be judged: slow, without a certificate that is trusted, a redirect, a
   * firewall. It may be a site that serves. No such case: nobody accepts the connection, a site's own account, or a
   * load balancer's word that nobody is behind it.
   */
  unclear: boolean;
  /** Epoch of the site's state, where it says it. */
  epoch: number | undefined;
  /** What was seen, in one line. */
  facts: string;
}

export interface ProbeLimits {
  /** Seconds for one request. @default 12 */
  timeoutSeconds?: number | undefined;
  /** Seconds until somebody accepts the connection. @default 3, and no more than timeoutSeconds */
  connectSeconds?: number;
  /** Seconds before a refused connection is tried once more. @default 0.3 */
  pauseSeconds?: number;
}

export interface ProbeTarget extends ProbeLimits {
  hostname: string;
  endpoint: SiteEndpoint;
  resolve?: Resolve | undefined;
}

/** A dead region accepts no connection, and may not cost more than this. */
const acceptSeconds = 3;
/** A site that lives may be slow under load; a load balancer gives a dead target up after 10 s, and reports that. */
export const answerSeconds = 12;
/** A gateway that has nobody behind it. */
const gatewayFailures = [502, 503, 504];
const siteNames: readonly SiteName[] = ["primary", "alternate"];
/** A refused connection is tried once more: a load balancer that is just changing must not count as a dead site. */
const attempts = 2;
const retryPauseSeconds = 0.3;
/** What fails later than this was no refusal. */
const refusalSeconds = 0.3;

/** Never throws: no answer is an answer too. */
export async function probeSite(target: ProbeTarget): Promise<SiteProbe> {
  const { hostname, pauseSeconds = retryPauseSeconds } = target;
  let connected = false;
  const onConnect = () => (connected = true);
  for (let attempt = 1; ; attempt++) {
    const began = performance.now();
    try {
      return await describe(target, await ask(target, { path: "/v1/status", onConnect }));
    } catch (error) {
      const late = performance.now() - began > refusalSeconds * 1000;
      if (attempt === attempts || late) {
        const how = connected ? "accepts connections but gives no answer" : "does not answer";
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

const ask = (
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
  const as = site === undefined ? `answers ${status} and names no site` : `answers as the ${site} site`;
  const epoch = Number.isInteger(fields["epoch"]) ? (fields["epoch"] as number) : undefined;
  const seen = { hostname, answers: true, site, epoch, unclear: false };
  if (status === 200 && fields["ready"] === true) return { ...seen, serves: true, facts: `${hostname} ${as}, ready` };
  if (await opensSession(target)) return { ...seen, serves: true, facts: `${hostname} ${as} and lets users sign in` };
  const unclear = site === undefined && !gatewayFailures.includes(status);
  return { ...seen, serves: false, unclear, facts: unclear ? `${hostname} ${as}` : `${hostname} ${as}, not ready` };
}

/** A service in front of another status page still gives itself away by letting users in. */
async function opensSession(target: ProbeTarget): Promise<boolean> {
  try {
    const { status, fields } = await ask(target, { path: "/v1/session", method: "POST", body: { user: "continuity" } });
    return status === 200 && typeof fields["token"] === "string";
  } catch {
    return false;
  }
}
