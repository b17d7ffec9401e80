/** HTTP requests that always end: connecting, waiting for the response and each pause within a body are limited. */
import type { IncomingMessage, RequestOptions } from "node:http";

export interface RequestArgs {
  url: URL;
  method: "GET" | "POST";
  headers?: Record<string, string>;
  body?: Uint8Array | string;
  /** Limit for connecting and waiting for the first byte, and for each pause between two reads. */
  timeoutSeconds: number;
  signal?: AbortSignal | undefined;
}

export interface Answer {
  status: number;
  /** Throws if the body is truncated or stalls. */
  body: AsyncIterable<Buffer>;
}

/** No usable response was received. */
export class RequestError extends Error {
  readonly timedOut: boolean;
  constructor(message: string, timedOut: boolean, cause?: unknown) {
    super(message, { cause });
    this.timedOut = timedOut;
  }
}

/** Resolves as soon as the response headers have arrived. */
export async function send(args: RequestArgs): Promise<Answer> {
  const { request } = args.url.protocol === "https:" ? await import("node:https") : await import("node:http");
  const where = `${args.method} ${args.url.origin}${args.url.pathname}`;
  const options: RequestOptions = { method: args.method, headers: headersOf(args) };
  if (args.signal) options.signal = args.signal;
  return new Promise((resolve, reject) => {
    const sent = request(args.url, options);
    // A socket's timeout starts once it is connected, so connecting needs a separate timer.
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

/** Reads the whole body; only for responses of bounded size. */
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

const headersOf = (args: RequestArgs): Record<string, string | number> => ({
  ...args.headers,
  ...(args.body === undefined ? {} : { "content-length": Buffer.byteLength(args.body) }),
});

const tooLate = (where: string, seconds: number) => new RequestError(`${where}: no response within ${seconds} s`, true);

const asRequestError = (where: string, error: Error): RequestError =>
  error instanceof RequestError ? error : new RequestError(`${where}: ${error.message}`, false, error);
