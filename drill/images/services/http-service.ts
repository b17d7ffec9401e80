/** Shared by all services: routes, probes, JSON, graceful shutdown. */
import { defaultProbes } from "../../../contract/index.ts";
import type { Probes } from "./settings.ts";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";

export interface Request {
  query: URLSearchParams;
  /** Bearer token of the Authorization header. */
  token: string | undefined;
  /** Parses the JSON body. Throws a Refusal (400) if it is invalid. */
  body(): Promise<unknown>;
}

export type Reply = { status: number; json: unknown } | { status: number; html: string };
type Handler = (request: Request) => Reply | Promise<Reply>;

/** Definition of a service. */
export interface Service {
  /** Handlers by method and path, such as `GET /v1/entries`. */
  routes: Record<string, Handler>;
  /** Why the service is not ready; undefined: it is ready. */
  notReady(): string | undefined | Promise<string | undefined>;
  /** Stops background work. */
  stop?(): void;
}

/** An error response with its reason. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, reason: string) {
    super(reason);
    this.status = status;
  }
}

export const ok = (json: unknown, status = 200): Reply => ({ status, json });

const largestBodyBytes = 32 * 1024 * 1024;

async function readJson(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    bytes += (chunk as Buffer).length;
    if (bytes > largestBodyBytes) throw new Refusal(413, `the body is larger than ${largestBodyBytes} bytes`);
    chunks.push(chunk as Buffer);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new Refusal(400, "the body is not valid JSON");
  }
}

const bearer = (incoming: IncomingMessage): string | undefined =>
  /^Bearer (.+)$/.exec(incoming.headers.authorization ?? "")?.[1];

/** Without the query. */
export const pathOf = (path: string): string => path.split("?")[0] ?? "";

/** Handles the probes in addition to the service's routes. */
function withProbes(
  service: Service,
  { alive, ready: readyPath }: Pick<Probes, "alive" | "ready">,
): Record<string, Handler> {
  const ready: Handler = async () => {
    const reason = await service.notReady();
    return reason === undefined ? ok({ ready: true }) : ok({ ready: false, reason }, 503);
  };
  return {
    [`GET ${pathOf(alive)}`]: () => ok({ alive: true }),
    [`GET ${pathOf(readyPath)}`]: ready,
    ...service.routes,
  };
}

async function answer(routes: Record<string, Handler>, incoming: IncomingMessage): Promise<Reply> {
  const url = new URL(incoming.url ?? "/", "http://service");
  const key = `${incoming.method} ${url.pathname}`;
  const handler = Object.hasOwn(routes, key) ? routes[key] : undefined;
  if (!handler) return ok({ reason: `${key} is not a known route` }, 404);
  try {
    return await handler({ query: url.searchParams, token: bearer(incoming), body: () => readJson(incoming) });
  } catch (error) {
    const status = error instanceof Refusal ? error.status : 500;
    return ok({ reason: error instanceof Error ? error.message : String(error) }, status);
  }
}

function send(response: ServerResponse, reply: Reply): void {
  const page = "html" in reply;
  const body = page ? reply.html : JSON.stringify(reply.json);
  const type = page ? "text/html; charset=utf-8" : "application/json";
  response.writeHead(reply.status, { "content-type": type, "content-length": Buffer.byteLength(body) });
  response.end(body);
}

/**
 * Resolves when the service is listening.
 * @param host address to listen on; omit: all addresses of both families
 */
export async function serve(
  service: Service,
  port: number,
  host?: string,
  probes: Pick<Probes, "alive" | "ready"> = defaultProbes,
): Promise<Server> {
  const routes = withProbes(service, probes);
  const server = createServer((incoming, response) => {
    void answer(routes, incoming).then((reply) => send(response, reply));
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve());
  });
  return server;
}
