import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Resolve } from "../../continuity/site-http.ts";
import { defaultProbes, type SiteName } from "../../contract/index.ts";

/** The probe of a plan that describes none. */
export const probe = defaultProbes.traffic;

export const hostnames = {
  publicHostname: "api.vapora.example",
  siteHostname: "alternate.vapora.example",
  otherHostname: "primary.vapora.example",
} as const;

/** Delay in seconds. @default none */
type Answer = { status: number; body: unknown; after?: number };

/** Both sites and the public name on one server: responses by host name and path. A host without responses is dead. */
export class FakeSites {
  readonly #server: Server;
  readonly #answers = new Map<string, Record<string, Answer>>();
  /** Each request as `METHOD host/path`. */
  readonly asked: string[] = [];

  private constructor() {
    this.#server = createServer((request, response) => {
      const host = request.headers.host ?? "";
      this.asked.push(`${request.method} ${host}${request.url}`);
      const answer = this.#answers.get(host)?.[request.url ?? ""] ?? { status: 404, body: { reason: "unknown here" } };
      const give = () =>
        response.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(answer.body));
      if (answer.after === undefined) give();
      else setTimeout(give, answer.after * 1000);
    });
  }

  static async start(): Promise<FakeSites> {
    const sites = new FakeSites();
    await new Promise<void>((resolve) => sites.#server.listen(0, "127.0.0.1", resolve));
    return sites;
  }

  /** A healthy pair: the alternate is a standby, the primary is gone. */
  standbyAlone(): this {
    this.#answers.clear();
    return this.answer(hostnames.siteHostname, "alternate", false);
  }

  answer(hostname: string, site: SiteName, ready: boolean): this {
    return this.set(hostname, { [probe.path]: { status: 200, body: { site, ready } } });
  }

  set(hostname: string, answers: Record<string, Answer>): this {
    this.#answers.set(hostname, answers);
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Address of each name; names without responses resolve to a closed port. */
  get resolve(): Resolve {
    const alive = `http://127.0.0.1:${this.port}`;
    const address = (name: string): string => (this.#answers.has(name) ? alive : "http://127.0.0.1:1");
    return Object.fromEntries(Object.values(hostnames).map((name) => [name, address(name)]));
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
