import { askSite, type Resolve, type SiteResponse } from "../site-http.ts";
import { poll } from "../within.ts";
import type { SiteEndpoint, SiteName } from "../../contract/index.ts";

export interface Verification {
  hostname: string;
  site: SiteName;
  /** Seconds until the host responded as that site, signed a user in and returned data. */
  seconds: number;
}

/**
 * Verifies through one host name that a site serves: it names its site, signs a user in with the real key, and the
 * database accepts that token.
 */
export async function verifyService(options: {
  hostname: string;
  endpoint: SiteEndpoint;
  site: SiteName;
  resolve?: Resolve | undefined;
  timeoutSeconds: number;
}): Promise<Verification> {
  const { hostname, endpoint, site, resolve, timeoutSeconds } = options;
  const host = { hostname, endpoint, resolve };
  const began = performance.now();
  await poll(
    `service at ${hostname}`,
    async () => {
      const status = expectStatus(await askSite({ ...host, path: "/v1/status" }), 200, "/v1/status");
      if (status["site"] !== site) throw new Error(`${hostname} still answers from the ${String(status["site"])} site`);
      if (status["ready"] !== true) throw new Error(`the ${site} site is not ready`);
      const session = await askSite({ ...host, path: "/v1/session", method: "POST", body: { user: "continuity" } });
      const { token } = expectStatus(session, 200, "/v1/session");
      if (typeof token !== "string") throw new Error("/v1/session answers 200 without a token");
      const entries = await askSite({ ...host, path: "/v1/entries?from=0&limit=1", token });
      expectStatus(entries, 200, "/v1/entries");
      return true;
    },
    { timeoutSeconds, intervalSeconds: 0.25 },
  );
  return { hostname, site, seconds: (performance.now() - began) / 1000 };
}

function expectStatus(response: SiteResponse, status: number, path: string): SiteResponse["fields"] {
  if (response.status === status) return response.fields;
  const said = typeof response.body === "string" ? response.body.slice(0, 200) : JSON.stringify(response.body);
  throw new Error(`${path} answers ${response.status}: ${said}`);
}
