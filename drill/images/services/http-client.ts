/** HTTP requests with a time limit over kept-alive connections. */
import { Agent } from "node:http";
import { Agent as TlsAgent } from "node:https";
import { ask, RequestError, type WholeAnswer } from "../../../jobs/wire/index.ts";

export interface RequestOptions {
  method?: "GET" | "POST";
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** @default 4 */
  timeoutSeconds?: number;
}

export interface Answered extends WholeAnswer {
  json(): unknown;
}

/** No response: refused, cut off or timed out. */
export { RequestError as Unreachable };

// Shorter than the servers' keep-alive, so that a request does not hit a connection that is just closing.
const idleMilliseconds = 20_000;
const agents = {
  http: new Agent({ keepAlive: true, timeout: idleMilliseconds }),
  https: new TlsAgent({ keepAlive: true, timeout: idleMilliseconds }),
};

/** Sends a request. Throws Unreachable if no complete response arrives in time. */
export async function send(
  url: string | URL,
  { timeoutSeconds = 4, ...options }: RequestOptions = {},
): Promise<Answered> {
  const target = new URL(url);
  const agent = target.protocol === "https:" ? agents.https : agents.http;
  const answer = await ask({ ...options, url: target, timeoutSeconds, connection: { agent }, where: target.host });
  return { ...answer, json: () => JSON.parse(answer.body.toString()) as unknown };
}
