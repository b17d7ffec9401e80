/** The way from the public name to a site: a reverse proxy that asks, for each request, where the name leads now. */
import http from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const connectTimeoutMilliseconds = 2_000;

/** Base URL of the site that answers now, or why there is none. */
export type Route = () => Promise<{ url: string } | { reason: string }>;

const hopByHop = new Set(["connection", "keep-alive", "proxy-connection", "te", "upgrade"]);

const endToEnd = (headers: http.IncomingHttpHeaders): http.OutgoingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name)));

export interface Proxy {
  url: string;
  stop(): Promise<void>;
}

export async function startProxy(route: Route): Promise<Proxy> {
  const agent = new http.Agent({ keepAlive: true });
  const server = http.createServer((request, response) => {
    void serve(request, response, agent, route).catch((error: unknown) => refuse(response, 503, String(error)));
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
  agent: http.Agent,
  route: Route,
): Promise<void> {
  const to = await route();
  if ("reason" in to) return refuse(response, 503, to.reason);
  const ended = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) ended.abort();
  });
  const outgoing = http.request(new URL(request.url ?? "/", to.url), {
    agent,
    method: request.method ?? "GET",
    headers: { ...endToEnd(request.headers), "x-forwarded-proto": "https" },
    signal: ended.signal,
  });
  limitConnecting(outgoing);
  outgoing.once("response", (incoming) => {
    incoming.on("error", () => response.destroy());
    response.writeHead(incoming.statusCode ?? 502, endToEnd(incoming.headers));
    incoming.pipe(response);
  });
  outgoing.on("error", (error) => {
    if (response.headersSent) response.destroy();
    else refuse(response, 502, `${to.url} does not answer: ${error.message}`);
  });
  request.pipe(outgoing);
}

function limitConnecting(outgoing: http.ClientRequest): void {
  outgoing.once("socket", (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(() => {
      outgoing.destroy(new Error(`no connection within ${connectTimeoutMilliseconds} ms`));
    }, connectTimeoutMilliseconds);
    socket.once("connect", () => clearTimeout(timer)).once("close", () => clearTimeout(timer));
  });
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  if (response.headersSent || response.destroyed) return void response.destroy();
  const body = JSON.stringify({ reason });
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  response.end(body);
}
