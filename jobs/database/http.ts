/**
 * One HTTP request that always ends: connecting, waiting for the answer and
 * every pause inside a body are limited in time.
 */
import type { IncomingMessage, RequestOptions } from "node:http";

export interface RequestArgs {
  url: URL;
  method: "GET" | "POST";
  headers?: Record<string, string>;
  body?: Uint8Array | string;
  /** Limit for connecting plus waiting for the first byte, and then for each pause between two. */
  timeoutSeconds: number;
  signal?: AbortSignal | undefined;
}

export interface Answer {
  status: number;
  /** Ends with an error when the body is cut or pauses for too long. */
  body: AsyncIterable<Buffer>;
}

/** A request that got no usable answer. */
export class RequestError extends Error {
  readonly timedOut: boolean;
  constructor(message: string, timedOut: boolean, cause?: unknown) {
    super(message, { cause });
    this.timedOut = timedOut;
  }
}

/** The answer as soon as its headers are there. */
export async function send(args: RequestArgs): Promise<Answer> {
  const { request } = args.url.protocol === "https:" ? await import("node:https") : await import("node:http");
  const where = `${args.method} ${args.url.origin}${args.url.pathname}`;
  const options: RequestOptions = { method: args.method, headers: headersOf(args) };
  if (args.signal) options.signal = args.signal;
  return new Promise((resolve, reject) => {
    const sent = request(args.url, options);
    // A socket's own timeout starts when it is connected, so connecting needs a clock of its own.
    const clock = setTimeout(() => sent.destroy(tooLate(where, args.timeoutSeconds)), args.timeoutSeconds * 1000);
    sent.on("error", (error) => {
      clearTimeout(clock);
      reject(asRequestError(where, error));
    });
    sent.on("response", (response) => {
      clearTimeout(clock);
      resolve({ status: response.statusCode ?? 0, body: piecesOf(response, where, args.timeoutSeconds) });
    });
    sent.end(args.body);
  });
}

/** The whole body. For answers of bounded size only. */
export async function wholeBody(answer: Answer): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of answer.body) pieces.push(piece);
  return Buffer.concat(pieces);
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

const headersOf = (args: RequestArgs): Record<string, string | number> => ({
  ...args.headers,
  ...(args.body === undefined ? {} : { "content-length": Buffer.byteLength(args.body) }),
});

const tooLate = (where: string, seconds: number) => new RequestError(`${where}: no answer within ${seconds} s`, true);

const asRequestError = (where: string, error: Error): RequestError =>
  error instanceof RequestError ? error : new RequestError(`${where}: ${error.message}`, false, error);
