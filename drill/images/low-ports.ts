/**
 * Part of the preload of every local container. Where the user may not listen on ports below 1024, the cluster's
 * Services listen at an offset, which connections must add.
 */
import { Socket } from "node:net";
import type { TcpSocketConnectOpts } from "node:net";

const firstFreePort = 1024;

/** Whether a host is the name or address of a Service; other ports are left alone. */
const isService = (host: string): boolean =>
  /^127\.(?!0\.)/.test(host) || /^[a-z0-9-]+$/.test(host) || /\.svc(\.cluster\.local)?$/.test(host);

/** Connection options with the port on which the Service actually listens. */
export function withOffset<T extends object>(offset: number, options: T): T {
  const { port, host } = options as Partial<TcpSocketConnectOpts>;
  const service = host !== undefined && host !== "localhost" && isService(host);
  return service && Number(port) < firstFreePort ? { ...options, port: Number(port) + offset } : options;
}

/** Applies the offset to all connections of this process. */
export function reachLowPorts(offset: number): void {
  const connect = Socket.prototype.connect as (...words: unknown[]) => Socket;
  Socket.prototype.connect = function (this: Socket, ...words: unknown[]): Socket {
    const [first] = words;
    // Node's internal callers pass a marked array with the options, so it is changed in place
    if (Array.isArray(first)) first[0] = withOffset(offset, first[0] as object);
    else if (typeof first === "object" && first !== null) words[0] = withOffset(offset, first);
    return connect.apply(this, words);
  } as typeof Socket.prototype.connect;
}
