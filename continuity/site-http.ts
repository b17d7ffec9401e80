import { ask, parsedBody, RequestError } from "../jobs/wire/index.ts";
import type { SiteEndpoint } from "../contract/index.ts";

/** Addresses to connect to instead of using DNS, like curl's --resolve: host name → base URL. */
export type Resolve = Readonly<Record<string, string>>;

export interface SiteResponse {
  status: number;
  /** The parsed body, or its text if it is not JSON. */
  body: unknown;
  /** The body's fields; none where it is no object. */
  fields: Readonly<Record<string, unknown>>;
}

export interface SiteRequest {
  hostname: string;
  /** Scheme and port of the host; `resolve` may override them. */
  endpoint: SiteEndpoint;
  path: string;
  method?: string | undefined;
  /** Headers beside those of the connection, such as a credential. */
  headers?: Readonly<Record<string, string>> | undefined;
  body?: unknown;
  resolve?: Resolve | undefined;
  /** Time limit of the whole request, in seconds. @default 5 */
  timeoutSeconds?: number | undefined;
  /** Time limit of the TCP connection including name lookup, in seconds. @default timeoutSeconds */
  connectSeconds?: number | undefined;
  /** Called as soon as the connection is accepted. */
  onConnect?: (() => void) | undefined;
}

/** Sends one request to a host of the service; `resolve` may override its address. */
export async function askSite({ hostname, endpoint, path, headers: own, body, resolve, ...request }: SiteRequest) {
  const headers: Record<string, string> = { accept: "application/json", ...own, host: hostname };
  if (body !== undefined) headers["content-type"] = "application/json";
  const { timeoutSeconds = 5 } = request;
  const answer = await ask({
    connectSeconds: timeoutSeconds,
    ...request,
    timeoutSeconds,
    url: new URL(path, resolve?.[hostname] ?? `${endpoint.scheme}://${hostname}:${endpoint.port}`),
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    connection: { agent: false },
    where: `${hostname}${path}`,
  }).catch(withoutWhere);
  const parsed = parsedBody(answer);
  const fields = typeof parsed === "object" && parsed !== null ? (parsed as Readonly<Record<string, unknown>>) : {};
  return { status: answer.status, body: parsed, fields } satisfies SiteResponse;
}

/** Whoever probes a name shows it already; only a limit's own error names the request. */
function withoutWhere(error: unknown): never {
  throw error instanceof RequestError && error.cause instanceof Error ? error.cause : error;
}
