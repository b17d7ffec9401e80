/** Requests as a client of the service makes them: through one address, to a host name that DNS does not know. */
import { Agent, request } from "node:http";

export interface Target {
  /** Where to connect, e.g. `http://127.0.0.1:8080`. */
  url: string;
  /** Host name that the service is called by. */
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

/** Sends one request; rejects where no whole answer came in time. */
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
    const late = (): void => void outgoing.destroy(new Error(`no answer within ${timeoutSeconds} s`));
    const timer = setTimeout(late, timeoutSeconds * 1000);
    outgoing.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    outgoing.end(content);
  });
}

/** An answer other than the one wanted, as an error. */
export const unexpected = (what: string, { status, body }: Reply): Error =>
  new Error(`${what} answers ${status}: ${(typeof body === "string" ? body : JSON.stringify(body)).slice(0, 200)}`);

/** Signs in as a user of the service. */
export async function openSession(target: Target, agent: Agent, timeoutSeconds: number): Promise<string> {
  const path = "/v1/session";
  const reply = await send(target, agent, { method: "POST", path, body: { user: "load" }, timeoutSeconds });
  const { token } = (reply.body ?? {}) as { token?: unknown };
  if (reply.status !== 200 || typeof token !== "string") throw unexpected(path, reply);
  return token;
}
