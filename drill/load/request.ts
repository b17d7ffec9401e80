/** HTTP requests of a client of the service: to a fixed address, with a host name that DNS does not resolve. */
import { Agent, request } from "node:http";

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

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Sends one request; rejects if no complete response arrives in time. */
export function send(target: Target, agent: Agent, { method, path, token, body, timeoutSeconds }: Sent) {
  const headers: Record<string, string> = { host: target.host, accept: "application/json" };
  if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
  const content = body === undefined ? undefined : JSON.stringify(body);
  if (content !== undefined) headers["content-type"] = "application/json";
  return new Promise<Reply>((resolve, reject) => {
    const outgoing = request(new URL(path, target.url), { method, headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("close", () => clearTimeout(timer));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body: parsed(Buffer.concat(chunks).toString()) }),
      );
    });
    const late = (): void => void outgoing.destroy(new Error(`no response within ${timeoutSeconds} s`));
    const timer = setTimeout(late, timeoutSeconds * 1000);
    outgoing.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    outgoing.end(content);
  });
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
