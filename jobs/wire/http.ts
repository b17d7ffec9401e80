/**
 * HTTP with time limits: every request ends with a complete response, a response with a streamed body, or an error with
 * the reason. Does not follow redirects. The only HTTP client of jobs, commands and the drill; for the choice of Node's
 * own modules see docs/decisions/0025.
 */
import type { ClientRequest, IncomingMessage } from "node:http";
import type { RequestOptions } from "node:https";

export interface RequestArgs {
  /** Address to connect to. A `host` header may name another host, which a certificate must then match. */
  url: URL;
  /** @default GET */
  method?: string | undefined;
  headers?: Record<string, string> | undefined;
  body?: Uint8Array | string | undefined;
  /** Time limit in seconds. `ask`: for everything; `send`: until the first byte, and for each pause between two. */
  timeoutSeconds: number;
  signal?: AbortSignal | undefined;
  /** Agent for kept-alive connections, `false` for none, and certificates. @default Node's own agent */
  connection?: Pick<RequestOptions, "agent" | "auth" | "ca" | "cert" | "key" | "rejectUnauthorized" | "servername">;
  /** Time limit of the TCP connection including name lookup, in seconds. @default timeoutSeconds */
  connectSeconds?: number | undefined;
  /** Called as soon as the connection is accepted. */
  onConnect?: (() => void) | undefined;
  /** Name of the request in errors. @default method and address without its query */
  where?: string | undefined;
}

export interface Answer {
  status: number;
  /** Throws if the body is truncated or stalls. */
  body: AsyncIterable<Buffer>;
}

export interface WholeAnswer {
  status: number;
  body: Buffer;
}

/** No usable response was received. */
export class RequestError extends Error {
  readonly timedOut: boolean;
  constructor(message: string, timedOut: boolean, cause?: unknown) {
    super(message, { cause });
    this.timedOut = timedOut;
  }
}

/** Resolves as soon as the response headers have arrived; for bodies of any size. */
export async function send(args: RequestArgs): Promise<Answer> {
  const { sent, where, answered } = await open(args);
  const late = () => sent.destroy(tooLate(where, args.timeoutSeconds));
  // A socket's timeout starts once it is connected, so connecting needs a separate timer.
  const clock = setTimeout(late, args.timeoutSeconds * 1000);
  try {
    const response = await answered;
    return { status: response.statusCode ?? 0, body: piecesOf(response, where, args.timeoutSeconds) };
  } catch (error) {
    throw asRequestError(where, error as Error);
  } finally {
    clearTimeout(clock);
  }
}

/** Resolves with the complete response within one time limit; for responses of bounded size. */
export async function ask(args: RequestArgs): Promise<WholeAnswer> {
  const { sent, where, answered } = await open(args);
  let stream: { destroy(error: Error): unknown } = sent;
  const clock = setTimeout(() => stream.destroy(tooLate(where, args.timeoutSeconds)), args.timeoutSeconds * 1000);
  try {
    const response = await answered;
    stream = response;
    const pieces: Buffer[] = [];
    for await (const piece of response) pieces.push(piece as Buffer);
    return { status: response.statusCode ?? 0, body: Buffer.concat(pieces) };
  } catch (error) {
    throw asRequestError(where, error as Error);
  } finally {
    clearTimeout(clock);
  }
}

/** Reads the rest of a response of bounded size. */
export async function wholeBody(answer: Answer): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of answer.body) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Parses JSON; returns other text unchanged, which may come from a proxy. */
export function parsedBody({ body }: WholeAnswer): unknown {
  const text = body.toString();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function open({ url, method = "GET", headers, body, signal, connection, ...args }: RequestArgs) {
  const { request } = url.protocol === "https:" ? await import("node:https") : await import("node:http");
  const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
  const sent = request(url, { ...connection, method, headers: { ...headers, ...length }, signal });
  const answered = new Promise<IncomingMessage>((resolve, reject) => sent.on("response", resolve).on("error", reject));
  watchConnecting(sent, args);
  sent.end(body);
  return { sent, where: args.where ?? `${method} ${url.origin}${url.pathname}`, answered };
}

/** A TLS socket connects in two steps; TCP, the first one, counts here. */
function watchConnecting(sent: ClientRequest, { connectSeconds, onConnect }: Partial<RequestArgs>): void {
  if (connectSeconds === undefined && !onConnect) return;
  const late = () => sent.destroy(new Error(`no connection within ${connectSeconds} s`));
  const clock = connectSeconds === undefined ? undefined : setTimeout(late, connectSeconds * 1000);
  const connected = () => {
    clearTimeout(clock);
    onConnect?.();
  };
  sent.once("close", () => clearTimeout(clock));
  sent.once("socket", (socket) => (socket.connecting ? socket.once("connect", connected) : connected()));
}

async function* piecesOf(response: IncomingMessage, where: string, timeoutSeconds: number): AsyncIterable<Buffer> {
  const giveUp = () => response.destroy(tooLate(where, timeoutSeconds));
  let clock = setTimeout(giveUp, timeoutSeconds * 1000);
  try {
    for await (const piece of response) {
      clearTimeout(clock); // time spent by the consumer does not count
      yield piece as Buffer;
      clock = setTimeout(giveUp, timeoutSeconds * 1000);
    }
  } catch (error) {
    throw asRequestError(where, error as Error);
  } finally {
    clearTimeout(clock);
    response.destroy();
  }
}

const tooLate = (where: string, seconds: number) => new RequestError(`${where}: no response within ${seconds} s`, true);

const asRequestError = (where: string, error: Error): RequestError =>
  error instanceof RequestError ? error : new RequestError(`${where}: ${error.message}`, false, error);
