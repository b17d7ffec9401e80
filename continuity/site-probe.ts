/** What answers under a name of the service, and whether it lets users in. */
import { setTimeout as delay } from "node:timers/promises";
import type { SiteEndpoint, SiteName } from "../plan/names.ts";
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
  /** Epoch of the site's state, where it says it. */
  epoch: number | undefined;
  /** What was seen, in one line. */
  facts: string;
}

export interface ProbeTarget {
  hostname: string;
  endpoint: SiteEndpoint;
  resolve?: Resolve | undefined;
  /** Seconds for one request. @default 3 */
  timeoutSeconds?: number;
}

const answerSeconds = 3;
/** A refused connection is tried once more: a load balancer that is just changing must not count as a dead site. */
const attempts = 2;
const pauseSeconds = 0.3;

/** Never throws: no answer is an answer too. */
export async function probeSite(target: ProbeTarget): Promise<SiteProbe> {
  const { hostname } = target;
  for (let attempt = 1; ; attempt++) {
    const began = performance.now();
    try {
      return await describe(target, await ask(target, { path: "/v1/status" }));
    } catch (error) {
      const late = performance.now() - began > pauseSeconds * 1000;
      if (attempt === attempts || late) {
        const facts = `${hostname} does not answer (${messageOf(error)})`;
        return { hostname, answers: false, site: undefined, serves: false, epoch: undefined, facts };
      }
      await delay(pauseSeconds * 1000);
    }
  }
}

const ask = (
  { hostname, endpoint, resolve, timeoutSeconds = answerSeconds }: ProbeTarget,
  request: { path: string; method?: string; body?: unknown },
): Promise<SiteResponse> => askSite({ hostname, endpoint, resolve, timeoutSeconds, ...request });

async function describe(target: ProbeTarget, { status, body }: SiteResponse): Promise<SiteProbe> {
  const { hostname } = target;
  const site = body?.site === "primary" || body?.site === "alternate" ? (body.site as SiteName) : undefined;
  const as = site === undefined ? `answers ${status} and names no site` : `answers as the ${site} site`;
  const epoch = Number.isInteger(body?.epoch) ? (body.epoch as number) : undefined;
  const seen = { hostname, answers: true, site, epoch };
  if (status === 200 && body?.ready === true) return { ...seen, serves: true, facts: `${hostname} ${as}, ready` };
  if (await opensSession(target)) return { ...seen, serves: true, facts: `${hostname} ${as} and lets users sign in` };
  return { ...seen, serves: false, facts: `${hostname} ${as}, not ready` };
}

/** A service in front of another status page still gives itself away by letting users in. */
async function opensSession(target: ProbeTarget): Promise<boolean> {
  try {
    const { status, body } = await ask(target, { path: "/v1/session", method: "POST", body: { user: "continuity" } });
    return status === 200 && typeof body?.token === "string";
  } catch {
    return false;
  }
}
