import { askSite, type Resolve, type SiteResponse } from "../site-http.ts";
import type { ProbeHeaders } from "../probe-credential.ts";
import { poll } from "../within.ts";
import { readReadiness, type SiteEndpoint, type SiteName, type TrafficProbe } from "../../contract/index.ts";

export interface Verification {
  hostname: string;
  site: SiteName;
  /** Seconds until the host responded as that site, serving users. */
  seconds: number;
}

export interface VerifyOptions {
  hostname: string;
  endpoint: SiteEndpoint;
  site: SiteName;
  probe: TrafficProbe;
  headers?: ProbeHeaders | undefined;
  /** Database generation that was promoted. Omit: any is accepted. */
  generation?: string | undefined;
  resolve?: Resolve | undefined;
  timeoutSeconds: number;
}

/**
 * Verifies by the readiness contract that users of one host name are served by a site: it names itself, is ready, and
 * uses the promoted database.
 */
export async function verifyService(options: VerifyOptions): Promise<Verification> {
  const { hostname, endpoint, site, probe, headers, resolve, timeoutSeconds } = options;
  const { path, method } = probe;
  const began = performance.now();
  await poll(
    `service at ${hostname}`,
    async () => {
      const problem = problemOf(options, await askSite({ hostname, endpoint, resolve, path, method, headers }));
      if (problem !== undefined) throw new Error(problem);
      return true;
    },
    { timeoutSeconds, intervalSeconds: 0.25 },
  );
  return { hostname, site, seconds: (performance.now() - began) / 1000 };
}

/** Why the answer does not show that the site serves; undefined: it does. */
function problemOf({ hostname, site, probe, generation }: VerifyOptions, response: SiteResponse): string | undefined {
  const { path, status } = probe;
  const found = readReadiness(probe, response);
  if (response.status !== status) {
    const got = typeof response.body === "string" ? response.body : JSON.stringify(response.body);
    return `${path} returned HTTP ${response.status}, not ${status}: ${got.slice(0, 200)}`;
  }
  if (found.site === undefined) return `${path} does not name its site; it must return JSON with site, role and ready`;
  if (found.site !== site) return `${hostname} still answers from the ${found.site} site`;
  if (!found.serves) return `the ${site} site is not ready`;
  if (generation !== undefined && found.generation !== undefined && found.generation !== generation) {
    return `the ${site} site uses the database ${found.generation}, not the promoted ${generation}`;
  }
  return undefined;
}
