/**
 * Preloaded into every local container: makes a program that listens on all addresses listen on its pod's address
 * instead, so that pods on one machine can use the same port.
 */
import { Server } from "node:net";
import type { ListenOptions } from "node:net";
import { reachLowPorts } from "./low-ports.ts";

const everywhere = new Set([undefined, "", "0.0.0.0", "::", "[::]"]);

/** Replaces the wildcard address in the arguments of `listen` by the pod's address. */
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
