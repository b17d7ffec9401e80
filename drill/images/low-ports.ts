/**
 * Part of the preload of every local container. Where a normal user of the machine may not listen on ports below 1024,
 * the cluster's Services have them elsewhere, and callers must look there.
 */
import { Socket } from "node:net";
import type { TcpSocketConnectOpts } from "node:net";

const firstFreePort = 1024;

/** The names and addresses of Services; everything else that a container calls keeps its port. */
const isService = (host: string): boolean =>
  /^127\.(?!0\.)/.test(host) || /^[a-z0-9-]+$/.test(host) || /\.svc(\.cluster\.local)?$/.test(host);

/** The options of a connection with the port where a Service really listens. */
export function withOffset<T extends object>(offset: number, options: T): T {
  const { port, host } = options as Partial<TcpSocketConnectOpts>;
  const service = host !== undefined && host !== "localhost" && isService(host);
  return service && Number(port) < firstFreePort ? { ...options, port: Number(port) + offset } : options;
}

/** Makes every connection of this process look there. */
export function reachLowPorts(offset: number): void {
  const connect = Socket.prototype.connect as (...words: unknown[]) => Socket;
  Socket.prototype.connect = function (this: Socket, ...words: unknown[]): Socket {
    const [first] = words;
    // what Node's own modules pass is a marked array that holds the options, so it is changed in place
    if (Array.isArray(first)) first[0] = withOffset(offset, first[0] as object);
    else if (typeof first === "object" && first !== null) words[0] = withOffset(offset, first);
    return connect.apply(this, words);
  } as typeof Socket.prototype.connect;
}
