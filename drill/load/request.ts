/** HTTP requests of a client of the service: to a fixed address, with a host name that DNS does not resolve. */
import type { Agent } from "node:http";
import { ask, parsedBody } from "../../jobs/wire/index.ts";

export interface Target {
  /** Address to connect to, e.g. `http://127.0.0.1:8080`. */
  url: string;
  /** Host name of the service. */
  host: string;
}

export interface Reply {
  status: number;
  body: unknown;
}

export interface Sent {
  method: "GET" | "POST";
  path: string;
  token?: string | undefined;
  body?: unknown;
  timeoutSeconds: number;
}

/** Sends one request over the agent's connections; rejects if no complete response arrives in time. */
export async function send(
  target: Target,
  agent: Agent,
  { method, path, token, body, timeoutSeconds }: Sent,
): Promise<Reply> {
  const headers: Record<string, string> = { host: target.host, accept: "application/json" };
  if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
  if (body !== undefined) headers["content-type"] = "application/json";
  const answer = await ask({
    url: new URL(path, target.url),
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    timeoutSeconds,
    connection: { agent },
  });
  return { status: answer.status, body: parsedBody(answer) };
}

/** Error for an unexpected response. */
export const unexpected = (what: string, { status, body }: Reply): Error =>
  new Error(
    `${what} returned HTTP ${status}: ${(typeof body === "string" ? body : JSON.stringify(body)).slice(0, 200)}`,
  );

/** Signs in as a user of the service. */
export async function openSession(target: Target, agent: Agent, timeoutSeconds: number): Promise<string> {
  const path = "/v1/session";
  const reply = await send(target, agent, { method: "POST", path, body: { user: "load" }, timeoutSeconds });
  const { token } = (reply.body ?? {}) as { token?: unknown };
  if (reply.status !== 200 || typeof token !== "string") throw unexpected(path, reply);
  return token;
}
