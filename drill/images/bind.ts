/**
 * Preloaded into every local container: a program that listens on all addresses listens on its pod's address instead,
 * so that many pods can have the same port on one machine.
 */
import { Server } from "node:net";
import type { ListenOptions } from "node:net";
import { reachLowPorts } from "./low-ports.ts";

const everywhere = new Set([undefined, "", "0.0.0.0", "::", "[::]"]);

/** The arguments of `listen` with the pod's address where they meant all addresses. */
export function withAddress(podAddress: string, words: readonly unknown[]): unknown[] {
  const [first, second, ...rest] = words;
  if (typeof first === "object" && first !== null) {
    const options = first as ListenOptions;
    const tcp = options.port !== undefined && options.path === undefined;
    return tcp && everywhere.has(options.host) ? [{ ...options, host: podAddress }, second, ...rest] : [...words];
  }
  const port = typeof first === "number" || (typeof first === "string" && /^\d+$/.test(first));
  if (!port) return [...words];
  if (typeof second === "string" || second === undefined) {
    return everywhere.has(second) ? [first, podAddress, ...rest] : [...words];
  }
  return [first, podAddress, second, ...rest];
}

const podAddress = process.env["LOCAL_POD_IP"];
if (podAddress) {
  const listen = Server.prototype.listen as (...words: unknown[]) => Server;
  Server.prototype.listen = function (this: Server, ...words: unknown[]): Server {
    return listen.apply(this, withAddress(podAddress, words));
  } as typeof Server.prototype.listen;
}

const offset = Number(process.env["LOCAL_LOW_PORT_OFFSET"] ?? 0);
if (offset > 0) reachLowPorts(offset);
