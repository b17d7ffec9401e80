/** HTTP endpoints of the server: health, version, sign-in, statements, RPC, export and import. */
import { once } from "node:events";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { decode, encode, joinMap, splitMap } from "../wire/cbor.ts";
import type { Plain } from "../wire/cbor.ts";
import { EngineError, unwrap } from "./engine.ts";
import type { Engine } from "./engine.ts";
import { Sessions } from "./sessions.ts";
import { exportFaults, finish, isExportFault, spoil } from "./export-faults.ts";
import type { ExportFault } from "./export-faults.ts";

/** Faults that can be changed while the server runs. */
export interface Faults {
  export?: ExportFault | undefined;
  /** Database whose exports fail. Omit: all databases. */
  exportOf?: string | undefined;
}

class HttpError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const chunkBytes = 65_536;

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const header = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === "string" && value !== "" ? value : undefined;
};

function json(response: ServerResponse, status: number, body: Plain): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)));
}

/** Signs a session in from the Authorization header; the engine verifies password or token. */
async function authorize(sessions: Sessions, request: IncomingMessage): Promise<boolean> {
  const [scheme, value] = (request.headers.authorization ?? "").split(" ");
  try {
    if (scheme === "Bearer" && value) unwrap(await sessions.call("authenticate", encode([value])));
    else if (scheme === "Basic" && value) {
      const [user, ...rest] = Buffer.from(value, "base64").toString().split(":");
      const [ns, db] = [header(request, "surreal-auth-ns"), header(request, "surreal-auth-db")];
      const credentials = { user, pass: rest.join(":"), ...(ns && { ns }), ...(db && { db }) };
      unwrap(await sessions.call("signin", encode([credentials])));
    } else return false;
    return true;
  } catch (error) {
    if (error instanceof EngineError) throw new HttpError(401, "There was a problem with authentication");
    throw error;
  }
}

export interface HttpContext {
  engine: Engine;
  faults: Faults;
  version: string;
}

type Handler = (context: HttpContext, request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** Runs a request in a new session. */
async function inSession<T>(
  { engine }: HttpContext,
  request: IncomingMessage,
  who: "anyone" | "signed-in",
  run: (sessions: Sessions) => Promise<T>,
): Promise<T> {
  const sessions = new Sessions(engine);
  await sessions.start();
  try {
    const known = await authorize(sessions, request);
    if (!known && who === "signed-in") throw new HttpError(401, "There was a problem with authentication");
    const [ns, db] = [header(request, "surreal-ns"), header(request, "surreal-db")];
    if (ns !== undefined) unwrap(await sessions.call("use", encode([ns, db])));
    return await run(sessions);
  } finally {
    await sessions.end();
  }
}

/** Results of a client's statements, each with its status. */
const ask = async (context: HttpContext, request: IncomingMessage, sql: string): Promise<Plain[]> =>
  inSession(
    context,
    request,
    "signed-in",
    async (sessions) => unwrap(await sessions.call("query", encode([sql]))) as Plain[],
  );

/** Rejects a client that may not run a statement requiring the same permission. */
async function demand(context: HttpContext, request: IncomingMessage, sql: string): Promise<void> {
  const [first] = (await ask(context, request, sql)) as { status: string; result?: Plain }[];
  if (first?.status !== "OK") throw new HttpError(403, String(first?.result));
}

const rpc: Handler = async (context, request, response) => {
  const message = splitMap(await readBody(request));
  const [id, method] = [message.get("id"), decode(message.get("method") ?? encode(null))];
  if (typeof method !== "string") throw new HttpError(400, "The request names no method");
  const answer = await inSession(context, request, "anyone", (s) => s.call(method, message.get("params")));
  response.writeHead(200, { "content-type": "application/cbor" });
  response.end(joinMap([...(id ? [["id", id] as const] : []), ...Object.entries(answer)]));
};

const statements: Handler = async (context, request, response) =>
  json(response, 200, await ask(context, request, (await readBody(request)).toString()));

const signin: Handler = async ({ engine }, request, response) => {
  const credentials = JSON.parse((await readBody(request)).toString()) as Plain;
  const sessions = new Sessions(engine);
  await sessions.start();
  try {
    const answer = await sessions.call("signin", encode([credentials]));
    if ("error" in answer) throw new HttpError(401, "There was a problem with authentication");
    const token = decode(answer.result) as string | { access: string };
    json(response, 200, {
      code: 200,
      details: "Authentication succeeded",
      token: typeof token === "string" ? token : token.access,
    });
  } finally {
    await sessions.end();
  }
};

function exportOptions(request: IncomingMessage, body: Buffer): Uint8Array {
  if (body.length === 0) return encode({});
  const cbor = (header(request, "content-type") ?? "").includes("cbor");
  return cbor ? body : encode(JSON.parse(body.toString()) as Plain);
}

const exportDatabase: Handler = async (context, request, response) => {
  const [ns, db] = [header(request, "surreal-ns"), header(request, "surreal-db")];
  if (ns === undefined || db === undefined) throw new HttpError(400, "Specify a namespace and a database to use");
  const options = exportOptions(request, await readBody(request));
  await demand(context, request, "INFO FOR DB");
  const { export: wanted, exportOf = db } = context.faults;
  const fault = exportOf === db ? wanted : undefined;
  if (fault === "status") throw new HttpError(500, "An export fault is switched on");
  const dump = Buffer.from(spoil(await context.engine.dump(ns, db, options), fault));
  response.writeHead(200, { "content-type": "application/octet-stream" });
  for (let at = 0; at < dump.length && !response.destroyed; at += chunkBytes) {
    if (!response.write(dump.subarray(at, at + chunkBytes))) await drained(response);
  }
  finish(response, fault);
};

/** Sets faults over HTTP, root only: `PUT /local/faults {"export": "truncate-statement"}`. */
const changeFaults: Handler = async (context, request, response) => {
  await demand(context, request, "INFO FOR ROOT");
  if (request.method === "PUT") {
    const wanted = (JSON.parse((await readBody(request)).toString()) as { export?: unknown }).export ?? undefined;
    if (wanted !== undefined && !isExportFault(wanted)) {
      const known = Object.keys(exportFaults).join(", ");
      throw new HttpError(400, `export fault is ${JSON.stringify(wanted)}; it must be one of ${known}`);
    }
    context.faults.export = wanted;
  }
  json(response, 200, { export: context.faults.export ?? null });
};

const routes: Record<string, Handler> = {
  "/health": (_, __, response) => void response.writeHead(200).end(),
  "/version": ({ version }, _, response) => void response.writeHead(200, { "content-type": "text/plain" }).end(version),
  "/rpc": rpc,
  "/sql": statements,
  // As in the server, failed statements are reported in a body with status 200.
  "/import": statements,
  "/signin": signin,
  "/export": exportDatabase,
  "/local/faults": changeFaults,
};

/** Handles all HTTP requests of the server. */
export function createHandler(context: HttpContext): RequestListener {
  return (request, response) => {
    const path = (request.url ?? "/").split("?")[0] ?? "/";
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    Promise.resolve(route ? route(context, request, response) : json(response, 404, { code: 404 })).catch(
      (error: unknown) => refuse(response, error),
    );
  };
}

async function drained(response: ServerResponse): Promise<void> {
  const over = new AbortController();
  const options = { signal: over.signal };
  await Promise.race([once(response, "drain", options), once(response, "close", options)]).catch(() => undefined);
  over.abort();
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  const status = error instanceof HttpError ? error.status : 400;
  const information = error instanceof Error ? error.message : String(error);
  json(response, status, { code: status, details: "Request problems detected", information });
}
