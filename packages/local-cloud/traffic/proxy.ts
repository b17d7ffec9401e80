/** A reverse proxy that resolves the site anew for each request. */
import http from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createProxyServer, type ProxyServer } from "httpxy";

const connectTimeoutMilliseconds = 2_000;

/** Base URL of the site that answers now, or the reason why there is none. */
export type Route = () => Promise<{ url: string } | { reason: string }>;

export interface Proxy {
  /** Base URL, on a free port of 127.0.0.1. */
  url: string;
  /** Breaks open requests and closes the port. */
  stop(): Promise<void>;
}

/** Answers 503 with the reason where `route` has no site, 502 where the site does not answer. */
export async function startProxy(route: Route): Promise<Proxy> {
  const agent = new http.Agent({ keepAlive: true });
  const proxy = createProxyServer({ agent, headers: { "x-forwarded-proto": "https" } });
  proxy.on("proxyReq", limitConnecting);
  const server = http.createServer((request, response) => {
    void serve(request, response, proxy, route).catch((error: unknown) => refuse(response, 503, String(error)));
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => void server.once("error", reject).listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  proxy: ProxyServer,
  route: Route,
): Promise<void> {
  const to = await route();
  if ("reason" in to) return refuse(response, 503, to.reason);
  try {
    await proxy.web(request, response, { target: to.url });
  } catch (error) {
    refuse(response, 502, `${to.url} does not answer: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function limitConnecting(outgoing: http.ClientRequest): void {
  const { socket } = outgoing;
  if (!socket?.connecting) return;
  const timer = setTimeout(() => {
    outgoing.destroy(new Error(`no connection within ${connectTimeoutMilliseconds} ms`));
  }, connectTimeoutMilliseconds);
  socket.once("connect", () => clearTimeout(timer)).once("close", () => clearTimeout(timer));
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  if (response.headersSent || response.destroyed) return void response.destroy();
  const body = JSON.stringify({ reason });
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  response.end(body);
}
