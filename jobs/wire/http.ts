/**
 * HTTP with limits: every request ends, as a whole answer, an answer whose body arrives piece by piece, or an error that
 * names the reason. Follows no redirect. The one client of jobs, commands and the drill; why it stands on Node's own:
 * docs/decisions/0025.
 */
import type { ClientRequest, IncomingMessage } from "node:http";
import type { RequestOptions } from "node:https";

export interface RequestArgs {
  /** Where to connect. A `host` header may name another host; a certificate must be that host's. */
  url: URL;
  /** @default GET */
  method?: string | undefined;
  headers?: Record<string, string> | undefined;
  body?: Uint8Array | string | undefined;
  /** Seconds: `ask`: for everything; `send`: until the first byte, and then for each pause between two. */
  timeoutSeconds: number;
  signal?: AbortSignal | undefined;
  /** How to connect: an agent that keeps connections, `false` for none that is kept, certificates. @default Node's own agent */
  connection?: Pick<RequestOptions, "agent" | "auth" | "ca" | "cert" | "key" | "rejectUnauthorized" | "servername">;
  /** Seconds for the TCP connection, name lookup included. @default timeoutSeconds */
  connectSeconds?: number | undefined;
  /** Called as soon as somebody accepts the connection, whatever follows. */
  onConnect?: (() => void) | undefined;
  /** How errors name the request. @default method and address without its query */
  where?: string | undefined;
}

export interface Answer {
  status: number;
  /** Ends with an error when the body is cut or pauses for too long. */
  body: AsyncIterable<Buffer>;
}

export interface WholeAnswer {
  status: number;
  body: Buffer;
}

/** A request that got no usable answer. */
export class RequestError extends Error {
  readonly timedOut: boolean;
  constructor(message: string, timedOut: boolean, cause?: unknown) {
    super(message, { cause });
    this.timedOut = timedOut;
  }
}

/** The answer as soon as its headers are there; for bodies of any size. */
export async function send(args: RequestArgs): Promise<Answer> {
  const { sent, where, answered } = await open(args);
  const late = () => sent.destroy(tooLate(where, args.timeoutSeconds));
  // A socket's own timeout starts when it is connected, so connecting needs a clock of its own.
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

/** The whole answer within one time limit; for answers of bounded size. */
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

/** The rest of an answer. For answers of bounded size only. */
export async function wholeBody(answer: Answer): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of answer.body) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Text as JSON, or itself where it is none: a proxy may have written it. */
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

/** A TLS socket connects twice: TCP first, which is what counts here. */
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
      clearTimeout(clock); // the reader's own time does not count
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
