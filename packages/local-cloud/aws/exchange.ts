/** One request through a gateway: its target, and its response or forwarding. */
import http from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { OpenCall } from "./calls.ts";
import { codeOf, errorReply } from "./errors.ts";
import type { ErrorReply } from "./errors.ts";
import { operationName } from "./operations.ts";
import { s3Operation } from "./s3-operations.ts";
import type { S3Operation } from "./s3-operations.ts";
import { attribute, signedScope } from "./signature.ts";
import type { Attribution } from "./signature.ts";

/** Limit for bodies that are buffered: configurations and forms. Objects are streamed. */
const bodyLimitBytes = 4 * 1024 * 1024;

export interface Target extends Attribution {
  method: string;
  /** Path and query exactly as received, since the signature covers them. */
  url: string;
  path: string;
  query: URLSearchParams;
  s3?: S3Operation;
}

export interface Exchange {
  readonly target: Target;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly call: OpenCall;
  /** Aborted when the region is cut or the client goes away. */
  readonly broken: AbortSignal;
}

const s3ControlPath = /^\/v20180820\//;

/** Parses the request line and headers. */
export function targetOf(request: IncomingMessage, arrivedAt: string, regions: readonly string[]): Target {
  const url = (request.url ?? "/").replace(/^https?:\/\/[^/]+/, "");
  const [path = "/", search = ""] = url.split("?", 2);
  const query = new URLSearchParams(search);
  const { region, service } = attribute(signedScope(request.headers, query), arrivedAt, regions);
  const head = { method: request.method ?? "GET", url, path, query, region, service };
  if (service !== "s3" || s3ControlPath.test(path)) return head;
  return { ...head, s3: s3Operation({ ...head, headers: request.headers }) };
}

export const nameOf = (target: Target, request: IncomingMessage, form?: string): string =>
  target.s3?.name ?? operationName({ ...target, headers: request.headers, form });

/** The query protocol has its operation in the body. */
export const isForm = ({ headers }: IncomingMessage): boolean =>
  String(headers["content-type"]).startsWith("application/x-www-form-urlencoded");

/** Buffers a small body. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > bodyLimitBytes) throw new Error(`request body exceeds ${bodyLimitBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

interface Answer extends Partial<ErrorReply> {
  status: number;
  headers?: Record<string, string>;
}

/** Responds from the gateway itself. */
function answer({ request, response, call }: Exchange, { status, contentType, body, headers }: Answer): void {
  const text = request.method === "HEAD" ? undefined : body;
  response.once("finish", () => call.done(status));
  response.writeHead(status, {
    ...headers,
    ...(contentType === undefined ? {} : { "content-type": contentType }),
    "content-length": text?.length ?? 0,
  });
  response.end(text);
}

export function answerError(exchange: Exchange, status: number, message: string, code?: string): void {
  const { target, request } = exchange;
  const reply = errorReply(target.service, request.headers, code ?? codeOf(status, target.service), message);
  answer(exchange, { status, ...reply });
}

/** Resets the connection, as if the host were unreachable. */
export function refuse({ request, call }: Exchange): void {
  call.done("refused");
  request.socket.destroy();
}

const hopByHop = new Set(["connection", "expect", "keep-alive", "proxy-authorization", "proxy-connection", "te"]);

/** TLS terminates at a real region's endpoint, and policies may require it. */
function forwardedHeaders(request: IncomingMessage): http.OutgoingHttpHeaders {
  const kept = Object.entries(request.headers).filter(([name]) => !hopByHop.has(name));
  return { ...Object.fromEntries(kept), "x-forwarded-proto": "https" };
}

export interface Upstream {
  port: number;
  agent: http.Agent;
}

/** Forwards a request and resolves with the response once its headers have arrived. */
export function forward(exchange: Exchange, upstream: Upstream, body: Buffer | undefined): Promise<IncomingMessage> {
  const { target, request, response, broken } = exchange;
  return new Promise((resolve, reject) => {
    const outgoing = http.request({
      host: "127.0.0.1",
      ...upstream,
      method: target.method,
      path: target.url,
      headers: forwardedHeaders(request),
      signal: broken,
    });
    outgoing.on("error", reject).once("response", (incoming) => {
      incoming.on("error", () => response.destroy());
      resolve(incoming);
    });
    if (body) outgoing.end(body);
    else request.pipe(outgoing);
  });
}

/** Streams the response to the client, with additional headers. */
export function streamBack(exchange: Exchange, incoming: IncomingMessage, added: Record<string, string>): void {
  const { response, call } = exchange;
  const status = incoming.statusCode ?? 502;
  const kept = Object.entries(incoming.headers).filter(([name]) => !hopByHop.has(name));
  response.once("finish", () => call.done(status));
  response.writeHead(status, { ...Object.fromEntries(kept), ...added });
  incoming.pipe(response);
}
