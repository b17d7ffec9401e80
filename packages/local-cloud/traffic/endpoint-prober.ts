/** Probes endpoints; a status change takes `failureThreshold` consecutive results. */
import net from "node:net";
import http from "node:http";
import type { EndpointCheck } from "./records.ts";

const connectTimeoutMilliseconds = 2_000;
/** Route 53 searches this much of a response. */
const searchedBytes = 5_120;

/** Resolves a host name to a base URL on this machine; undefined for an unknown name. */
export type SiteAddress = (hostname: string) => Promise<string | undefined>;

interface ProbeState {
  up: boolean;
  /** Consecutive results that differ from `up`. */
  differing: number;
}

/** Updates a status by one result: it changes after `failureThreshold` consecutive different ones. */
export function nextProbeState(before: ProbeState | undefined, outcome: boolean, failureThreshold: number): ProbeState {
  if (!before) return { up: outcome, differing: 0 };
  if (outcome === before.up) return { up: before.up, differing: 0 };
  const differing = before.differing + 1;
  return differing >= failureThreshold ? { up: outcome, differing: 0 } : { up: before.up, differing };
}

export class EndpointProber {
  readonly #siteAddress: SiteAddress;
  readonly #standings = new Map<string, ProbeState>();

  constructor(siteAddress: SiteAddress) {
    this.#siteAddress = siteAddress;
  }

  async isUp(check: EndpointCheck): Promise<boolean> {
    const outcome = await this.#probe(check).catch(() => false);
    const standing = nextProbeState(this.#standings.get(check.id), outcome, check.failureThreshold);
    this.#standings.set(check.id, standing);
    return standing.up;
  }

  /** Uses plain HTTP for HTTPS checks: TLS would terminate at a load balancer, which does not exist locally. */
  async #probe(check: EndpointCheck): Promise<boolean> {
    const address = await this.#siteAddress(check.hostname);
    if (address === undefined) return false;
    return check.protocol === "tcp" ? connects(new URL(address)) : answers(new URL(check.path, address), check);
  }
}

function connects({ hostname, port }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: hostname, port: Number(port || 80), timeout: connectTimeoutMilliseconds });
    const end = (up: boolean): void => {
      socket.destroy();
      resolve(up);
    };
    socket
      .once("connect", () => end(true))
      .once("error", () => end(false))
      .once("timeout", () => end(false));
  });
}

function answers(url: URL, { hostname, search }: EndpointCheck): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(2 * connectTimeoutMilliseconds);
    const request = http.get(url, { headers: { host: hostname }, agent: false, signal }, (response) => {
      const good = (response.statusCode ?? 500) >= 200 && (response.statusCode ?? 500) < 400;
      let start = "";
      response.on("data", (chunk: Buffer) => {
        if (start.length < searchedBytes) start += chunk.toString("latin1");
      });
      response.on("end", () =>
        resolve(good && (search === undefined || start.slice(0, searchedBytes).includes(search))),
      );
      response.on("error", reject);
    });
    request.on("error", reject);
  });
}
