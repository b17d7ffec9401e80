/** HTTP requests with a time limit over kept-alive connections. */
import { Agent, request as plain } from "node:http";
import type { IncomingMessage } from "node:http";
import { Agent as TlsAgent, request as tls } from "node:https";

export interface RequestOptions {
  method?: "GET" | "POST";
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** @default 4 */
  timeoutSeconds?: number;
}

export interface Answered {
  status: number;
  body: Buffer;
  json(): unknown;
}

/** No response: refused, cut off or timed out. */
export class Unreachable extends Error {}

// Shorter than the servers' keep-alive, so that a request does not hit a connection that is just closing.
const idleMilliseconds = 20_000;
const agents = {
  http: new Agent({ keepAlive: true, timeout: idleMilliseconds }),
  https: new TlsAgent({ keepAlive: true, timeout: idleMilliseconds }),
};

async function collect(response: IncomingMessage): Promise<Answered> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return { status: response.statusCode ?? 0, body, json: () => JSON.parse(body.toString()) as unknown };
}

/** Sends a request. Throws Unreachable if no complete response arrives in time. */
export function send(
  url: string | URL,
  { method = "GET", headers = {}, body, timeoutSeconds = 4 }: RequestOptions = {},
) {
  const target = new URL(url);
  const secure = target.protocol === "https:";
  const options = { method, headers, agent: secure ? agents.https : agents.http };
  return new Promise<Answered>((resolve, reject) => {
    const fail = (error: Error): void => reject(new Unreachable(`${target.host}: ${error.message}`));
    const request = (secure ? tls : plain)(target, options, (response) => {
      collect(response)
        .then(resolve, fail)
        .finally(() => clearTimeout(timer));
    });
    const timer = setTimeout(
      () => request.destroy(new Error(`no response within ${timeoutSeconds} s`)),
      timeoutSeconds * 1000,
    );
    request.on("error", (error) => {
      clearTimeout(timer);
      fail(error);
    });
    request.end(body);
  });
}
