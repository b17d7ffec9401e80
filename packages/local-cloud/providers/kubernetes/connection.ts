/**
 * HTTP client of one API server: keep-alive connections, raw JSON, and a timeout for every call. The typed client is not
 * used: its serializers drop unknown fields, so that the server's strict validation would not see them.
 */
import http from "node:http";
import https from "node:https";
import { finished } from "node:stream/promises";
import { text } from "node:stream/consumers";
import type { KubeConfig } from "@kubernetes/client-node";
import type { Json } from "../values.ts";
import { ApiError, Unreachable } from "./errors.ts";

/** Timeout of a call. */
const callLimitMilliseconds = 15_000;
const concurrentCalls = 32;

export interface CallOptions {
  query?: Record<string, string>;
  body?: Json;
  contentType?: string;
  signal?: AbortSignal | undefined;
  /** Called for each warning of the server, e.g. about deprecated fields. */
  onWarning?: ((message: string) => void) | undefined;
}

export class Connection {
  readonly server: string;
  readonly #headers: http.OutgoingHttpHeaders;
  readonly #callAgent: http.Agent;
  readonly #watchAgent: http.Agent;
  readonly #send: typeof http.request;

  private constructor(server: string, tls: https.AgentOptions, headers: http.OutgoingHttpHeaders) {
    const secure = new URL(server).protocol === "https:";
    const Agent = secure ? https.Agent : http.Agent;
    this.server = server;
    this.#headers = headers;
    this.#send = secure ? https.request : http.request;
    this.#callAgent = new Agent({ ...tls, keepAlive: true, maxSockets: concurrentCalls });
    this.#watchAgent = new Agent({ ...tls });
  }

  static async open(config: KubeConfig): Promise<Connection> {
    const cluster = config.getCurrentCluster();
    if (!cluster)
      throw new Error(`the kubeconfig's current context ${JSON.stringify(config.currentContext)} has no cluster`);
    const options: https.RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const { ca, cert, key, rejectUnauthorized, servername } = options;
    const tls = Object.fromEntries(
      Object.entries({ ca, cert, key, rejectUnauthorized, servername }).filter(([, value]) => value !== undefined),
    );
    return new Connection(cluster.server, tls, { ...(options.headers as http.OutgoingHttpHeaders) });
  }

  /** @throws ApiError for a status of 300 or more, Unreachable without a response in time */
  async call(method: string, path: string, options: CallOptions = {}): Promise<{ code: number; body: Json }> {
    const limit = AbortSignal.timeout(callLimitMilliseconds);
    const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
    const response = await this.#request(method, path, { ...options, signal }, this.#callAgent);
    const answer = await this.#reachable(() => text(response), signal);
    const code = response.statusCode ?? 0;
    const body = parse(answer);
    if (code >= 300) throw new ApiError(code, body);
    for (const warning of warningsOf(response)) options.onWarning?.(warning);
    return { code, body };
  }

  /** Plain text, e.g. a container's log. */
  async text(path: string, query: Record<string, string>): Promise<string> {
    const signal = AbortSignal.timeout(callLimitMilliseconds);
    const response = await this.#request("GET", path, { query, signal }, this.#callAgent);
    const answer = await this.#reachable(() => text(response), signal);
    if ((response.statusCode ?? 0) >= 300) throw new ApiError(response.statusCode ?? 0, parse(answer));
    return answer;
  }

  /** JSON lines of a stream until the server ends it or `signal` aborts. */
  async *lines(path: string, query: Record<string, string>, signal: AbortSignal): AsyncGenerator<Json> {
    const response = await this.#request("GET", path, { query, signal }, this.#watchAgent);
    if ((response.statusCode ?? 0) >= 300) throw new ApiError(response.statusCode ?? 0, parse(await text(response)));
    let rest = "";
    try {
      for await (const chunk of response.setEncoding("utf8") as AsyncIterable<string>) {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) if (line !== "") yield JSON.parse(line) as Json;
      }
    } finally {
      response.destroy();
      await finished(response).catch(() => {});
    }
  }

  #request(
    method: string,
    path: string,
    options: CallOptions & { signal: AbortSignal },
    agent: http.Agent,
  ): Promise<http.IncomingMessage> {
    const url = new URL(path, this.server);
    for (const [name, value] of Object.entries(options.query ?? {})) url.searchParams.set(name, value);
    const body = options.body === undefined ? undefined : JSON.stringify(options.body);
    const headers = {
      ...this.#headers,
      accept: "application/json",
      ...(body !== undefined && {
        "content-type": options.contentType ?? "application/json",
        "content-length": Buffer.byteLength(body),
      }),
    };
    const send = () =>
      new Promise<http.IncomingMessage>((resolve, reject) => {
        this.#send(url, { method, headers, agent, signal: options.signal }, resolve).on("error", reject).end(body);
      });
    return this.#reachable(send, options.signal);
  }

  async #reachable<Result>(operation: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    try {
      return await operation();
    } catch (error) {
      const reason: unknown = signal.reason;
      if (signal.aborted && !(reason instanceof DOMException && reason.name === "TimeoutError")) throw reason;
      const why = signal.aborted ? `no response within ${callLimitMilliseconds / 1000} s` : describe(error);
      throw new Unreachable(this.server, why, error);
    }
  }
}

/** Node reports a failed connection to several addresses as an AggregateError without a message. */
const describe = (error: unknown): string =>
  error instanceof AggregateError
    ? error.errors.map(describe).join("; ")
    : error instanceof Error
      ? error.message
      : String(error);

function parse(answer: string): Json {
  try {
    return JSON.parse(answer) as Json;
  } catch {
    return { message: answer };
  }
}

/** Comma-separated `299 - "text"`. */
const warningsOf = (response: http.IncomingMessage): string[] =>
  [...String(response.headers.warning ?? "").matchAll(/299 \S+ ("(?:[^"\\]|\\.)*")/g)].map(
    ([, quoted]) => JSON.parse(quoted ?? '""') as string,
  );
