/**
 * SurrealDB's core, embedded: data, users, tokens and permissions are handled by the real engine.
 *
 * Uses the engine's RPC in CBOR and leaves results encoded, so that values reach the client unchanged.
 */
import { createRequire } from "node:module";
import { randomBytes } from "node:crypto";
import { decode, encode, joinMap } from "../wire/cbor.ts";
import type { Plain } from "../wire/cbor.ts";
import { silenceNativeOutput } from "./quiet.ts";

interface NativeEngine {
  execute(request: Uint8Array): Promise<Uint8Array>;
  export(options: Uint8Array): Promise<string>;
  free(): Promise<void>;
}

interface NativeModule {
  SurrealNodeEngine: { connect(url: string, options: object): Promise<NativeEngine> };
}

/** Encoded CBOR, usable as a value in a request. */
export type Encoded = Uint8Array;

/** Response of an RPC method: exactly one of the two, as CBOR. */
export type Answer = { result: Encoded } | { error: Encoded };

export interface Engine {
  /** Calls a method in a session; without one, in the engine's own session with owner rights. */
  call(method: string, params: Encoded | undefined, session?: Encoded, transaction?: Encoded): Promise<Answer>;
  /** Dump of a database as one string: the embedded engine has no streaming export. */
  dump(namespace: string, database: string, options: Encoded): Promise<string>;
  close(): Promise<void>;
}

/** An error reported by the engine. */
export class EngineError extends Error {
  readonly details: Plain;
  constructor(error: Encoded) {
    const details = decode(error) as { message?: string };
    super(details.message ?? "the engine failed without a message");
    this.details = details;
  }
}

/** Decoded result of a response; throws an EngineError for a failure. */
export function unwrap(answer: Answer): Plain {
  if ("error" in answer) throw new EngineError(answer.error);
  return decode(answer.result);
}

/** An unguessable session identifier. */
export const freshSession = (): Encoded => Buffer.concat([Uint8Array.of(0xd8, 0x25, 0x50), randomBytes(16)]);

const errorAnswer = Buffer.concat([Uint8Array.of(0xa1), encode("error")]);

function loadNative(): NativeModule {
  const require = createRequire(import.meta.url);
  const file = (libc: string): string => `surrealdb-node.linux-${process.arch}-${libc}.node`;
  const mounted = process.env["SURREALDB_ENGINE_FILE"];
  if (mounted !== undefined) return require(mounted) as NativeModule;
  const entry = require.resolve("surrealdb").replace(/surrealdb\/dist\/[^/]*$/, "@surrealdb/node/dist/");
  try {
    return require(entry + file("gnu")) as NativeModule;
  } catch {
    return require(entry + file("musl")) as NativeModule;
  }
}

const capabilities = { functions: true, live_query_notifications: false, network_targets: false, guest_access: false };

async function connect(url: string, timeoutSeconds: number): Promise<NativeEngine> {
  // Connecting to a locked or damaged path may never settle.
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `The database at ${url} did not open within ${timeoutSeconds} s; another process may hold its lock`;
    timer = setTimeout(() => reject(new Error(message)), timeoutSeconds * 1000);
  });
  try {
    return await Promise.race([loadNative().SurrealNodeEngine.connect(url, { capabilities }), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Opens the storage at `rocksdb:<path>` (or `mem://`), which must not be open in another process. */
export async function openEngine(url: string, timeoutSeconds: number): Promise<Engine> {
  silenceNativeOutput();
  const native = await connect(url, timeoutSeconds);
  let last: Promise<unknown> = Promise.resolve();
  const call: Engine["call"] = async (method, params, session, transaction) => {
    const request: [string, Uint8Array][] = [
      ["id", encode(1)],
      ["method", encode(method)],
    ];
    if (params !== undefined) request.push(["params", params]);
    if (session !== undefined) request.push(["session", session]);
    if (transaction !== undefined) request.push(["txn", transaction]);
    let answer: Uint8Array;
    try {
      answer = await native.execute(joinMap(request));
    } catch (error) {
      // E.g. a value that cannot be encoded as CBOR (a regular expression): reported to the client.
      return { error: encode({ code: -32000, kind: "Internal", message: (error as Error).message }) };
    }
    if (Buffer.compare(answer.subarray(0, errorAnswer.length), errorAnswer) !== 0) return { result: answer };
    return { error: answer.subarray(errorAnswer.length) };
  };
  const dump: Engine["dump"] = (namespace, database, options) => {
    // The engine exports the database of its own session: one export at a time.
    const run = last.then(async () => {
      unwrap(await call("use", encode([namespace, database])));
      return native.export(options);
    });
    last = run.catch(() => undefined);
    return run;
  };
  return { call, dump, close: () => native.free() };
}
