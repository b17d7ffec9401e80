/**
 * Sessions of one client connection; an anonymous session may only sign in.
 *
 * The embedded engine grants owner rights to anonymous sessions, where the server (without `--allow-guests`) grants
 * none. Methods that access data are therefore rejected here until the *engine* has accepted a sign-in or token; after
 * that only the engine decides.
 */
import { encode, decode } from "../wire/cbor.ts";
import { freshSession } from "./engine.ts";
import type { Answer, Encoded, Engine } from "./engine.ts";

interface Session {
  id: Encoded;
  authenticated: boolean;
  /** Namespace and database requested before sign-in; deferred, because `use` creates missing ones. */
  use: Encoded | undefined;
}

const signsIn = new Set(["signin", "signup", "authenticate", "refresh"]);
const signsOut = new Set(["invalidate", "reset"]);
const open = new Set(["ping", "version", "health", ...signsIn, ...signsOut]);

const failure = (kind: string, code: number, message: string): Answer => ({ error: encode({ code, kind, message }) });
const notAllowed = failure("NotAllowed", -32002, "IAM error: Not enough permissions to perform this action");
const done: Answer = { result: encode(undefined) };

const keyOf = (session: Encoded | undefined): string =>
  session === undefined || [0xf6, 0xc6].includes(session[0] ?? 0xf6) ? "" : Buffer.from(session).toString("hex");

export class Sessions {
  readonly #engine: Engine;
  readonly #known = new Map<string, Session>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Creates the connection's default session; call once, first. */
  async start(): Promise<void> {
    await this.#attach("", freshSession());
  }

  /** Ends all sessions of the connection. */
  async end(): Promise<void> {
    const all = [...this.#known.values()];
    this.#known.clear();
    await Promise.all(all.map(({ id }) => this.#engine.call("detach", undefined, id)));
  }

  /** Handles one request as the server would. */
  async call(method: string, params?: Encoded, session?: Encoded, transaction?: Encoded): Promise<Answer> {
    const key = keyOf(session);
    if (method === "attach" && session !== undefined) return this.#attach(key, session);
    const known = this.#known.get(key);
    if (!known) return failure("NotFound", -32000, "Session not found");
    if (method === "detach") {
      this.#known.delete(key);
      return this.#engine.call("detach", undefined, known.id);
    }
    if (method === "sessions") return this.#list();
    if (known.authenticated) return this.#forward(known, method, params, transaction);
    if (method === "use") {
      known.use = params;
      return this.#promised(params);
    }
    return open.has(method) ? this.#forward(known, method, params, transaction) : notAllowed;
  }

  async #attach(key: string, id: Encoded): Promise<Answer> {
    if (this.#known.has(key)) return failure("Validation", -32602, "Session already exists");
    const answer = await this.#engine.call("attach", undefined, id);
    if ("result" in answer) this.#known.set(key, { id, authenticated: false, use: undefined });
    return answer;
  }

  async #forward(session: Session, method: string, params?: Encoded, transaction?: Encoded): Promise<Answer> {
    const answer = await this.#engine.call(method, params, session.id, transaction);
    if ("error" in answer) return answer;
    if (signsOut.has(method)) session.authenticated = false;
    if (!signsIn.has(method)) return answer;
    session.authenticated = true;
    const use = session.use;
    session.use = undefined;
    const used = use === undefined ? done : await this.#engine.call("use", use, session.id);
    return "error" in used ? used : answer;
  }

  #list(): Answer {
    const ids = [...this.#known].filter(([key]) => key !== "").map(([, { id }]) => Buffer.from(id));
    return { result: Buffer.concat([Uint8Array.of(0x98, ids.length), ...ids]) };
  }

  /** The server returns the namespace and database in use. */
  #promised(params: Encoded | undefined): Answer {
    const asked = params === undefined ? [] : decode(params);
    const [namespace, database] = Array.isArray(asked) ? asked : [];
    return { result: encode({ namespace: namespace ?? null, database: database ?? null }) };
  }
}
