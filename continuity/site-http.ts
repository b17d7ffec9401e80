import { request as httpRequest, type ClientRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { SiteEndpoint } from "../contract/index.ts";

/** Where to connect for a host name instead of asking the DNS, as curl's --resolve does: name → base URL. */
export type Resolve = Readonly<Record<string, string>>;

export interface SiteResponse {
  status: number;
  /** The parsed body, or the text where it is no JSON. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body: any;
}

export interface SiteRequest {
  hostname: string;
  /** How the host answers; `resolve` may name another address. */
  endpoint: SiteEndpoint;
  path: string;
  method?: string;
  token?: string;
  body?: unknown;
  resolve?: Resolve | undefined;
  /** For the whole request. @default 5 */
  timeoutSeconds?: number;
  /** For the TCP connection, name lookup included. @default timeoutSeconds */
  connectSeconds?: number;
  /** Called as soon as somebody accepts the connection, whatever follows. */
  onConnect?: () => void;
}

/** One request to a host of the service; follows `resolve` where it names the host. */
export function askSite({
  hostname,
  endpoint,
  path,
  method = "GET",
  token,
  body,
  resolve,
  timeoutSeconds = 5,
  connectSeconds = timeoutSeconds,
  onConnect,
}: SiteRequest) {
  const url = new URL(path, resolve?.[hostname] ?? `${endpoint.scheme}://${hostname}:${endpoint.port}`);
  const send = url.protocol === "http:" ? httpRequest : httpsRequest;
  const headers: Record<string, string> = { host: hostname, accept: "application/json" };
  if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
  if (body !== undefined) headers["content-type"] = "application/json";
  return new Promise<SiteResponse>((resolvePromise, reject) => {
    const signal = AbortSignal.timeout(timeoutSeconds * 1000);
    const request = send(url, { method, headers, signal, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolvePromise({ status: response.statusCode ?? 0, body: parsed(Buffer.concat(chunks).toString()) }),
      );
    });
    limitConnecting(request, connectSeconds, onConnect);
    request.on("error", (error) =>
      reject(signal.aborted ? new Error(`${hostname}${path}: no answer within ${timeoutSeconds} s`) : error),
    );
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** A TLS socket connects twice: TCP first, which is what counts here. */
function limitConnecting(request: ClientRequest, seconds: number, onConnect?: () => void): void {
  const late = () => request.destroy(new Error(`no connection within ${seconds} s`));
  const timer = setTimeout(late, seconds * 1000);
  request.once("close", () => clearTimeout(timer));
  request.once("socket", (socket) =>
    socket.once("connect", () => {
      clearTimeout(timer);
      onConnect?.();
    }),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
