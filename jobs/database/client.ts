/**
 * Database client of the jobs: strict queries, in which a failed statement is never overlooked, and a streamed export.
 * Every call has a time limit.
 */
import { decode, encode, type Fields, type Value } from "../wire/cbor.ts";
import { RequestError, send, wholeBody, type Answer } from "../wire/http.ts";

export interface DatabaseAddress {
  url: string;
  namespace: string;
  username: string;
  password: string;
  timeoutSeconds: number;
  /** Aborts all calls in flight. */
  signal?: AbortSignal | undefined;
  /** Session token, cached by the first call: verifying a password costs the server more than most queries. */
  token?: string | undefined;
}

/** Outcome of one statement. */
export type StatementResult = { ok: true; value: Value } | { ok: false; error: string };

/** A statement failed, or the database rejected the whole request. */
export class QueryError extends Error {
  /** Whether a retry may succeed, judged by the server's own wording: the rest of a message may quote user data. */
  readonly passing: boolean;
  constructor(message: string, passing = false) {
    super(message);
    this.passing = passing;
  }
}

const isBusyStatus = (status: number): boolean => status === 429 || status >= 500;

/** Anchored at the start, because the rest of the message may quote names and values. */
const busyAnswer =
  /^(?:(?:There was a problem with the database|Query not executed|Internal error): )*(?:Transaction conflict: |The (?:query|transaction) was not (?:executed|completed) because it exceeded the timeout: |Operation timed out: |The transaction timed out: |The (?:server|database|datastore) is shutting down)/;

/** Whether an error means that the engine was busy, independent of the statement. */
export const isBusyAnswer = (answer: string): boolean => busyAnswer.test(answer);

export class Database {
  readonly address: DatabaseAddress;
  /** Name of the database that queries go to; empty for statements about the namespace or the server. */
  readonly name: string;

  constructor(address: DatabaseAddress, name: string) {
    this.address = address;
    this.name = name;
  }

  /** A client for another database, with the same server and user. */
  other(name: string): Database {
    return new Database(this.address, name);
  }

  /** Returns the results of all statements; throws if any of them failed. */
  async query(sql: string, variables: Fields = {}): Promise<Value[]> {
    const results = await this.attempt(sql, variables);
    return results.map((result, index) => {
      if (result.ok) return result.value;
      const where = `${this.name || "server"}: statement ${index + 1} of ${shorten(sql)}`;
      throw new QueryError(`${where}: ${result.error}`, isBusyAnswer(result.error));
    });
  }

  /**
   * Runs statements that contain secrets. Errors name the label instead of the statement, and secrets that the server
   * echoes are removed.
   */
  async queryWithSecrets(label: string, sql: string, secrets: string[]): Promise<void> {
    const where = `${this.name || "server"}: ${label}`;
    try {
      const failed = (await this.attempt(sql)).find(({ ok }) => !ok);
      if (failed?.ok === false) throw new QueryError(failed.error, isBusyAnswer(failed.error));
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      // No cause: it would put the text into a log after all.
      throw new QueryError(`${where}: ${withoutSecrets(error.message, secrets)}`, error.passing);
    }
  }

  /** Returns the outcome of each statement; throws only if the request as a whole was rejected. */
  async attempt(sql: string, variables: Fields = {}, timeoutSeconds?: number): Promise<StatementResult[]> {
    const result = await this.call("query", [sql, variables], timeoutSeconds);
    if (!Array.isArray(result)) throw new QueryError(`${this.name}: the response to a query is not a list of results`);
    return result.map((item) => {
      const { status, result: value } = item as Fields;
      return status === "OK" ? { ok: true, value } : { ok: false, error: errorText(value) };
    });
  }

  /** Server version, e.g. `surrealdb-3.0.3`. */
  async version(): Promise<string> {
    const version = await this.call("version", []);
    return typeof version === "string" ? version : String((version as Fields)["version"] ?? "unknown");
  }

  /** Streams an export; it is one read transaction over the whole database. */
  async export(): Promise<AsyncIterable<Buffer>> {
    const answer = await this.send("/export", {});
    if (answer.status === 200) return answer.body;
    const text = (await wholeBody(answer)).toString();
    throw new QueryError(
      `${this.name}: export returned HTTP ${answer.status}: ${shorten(text)}`,
      isBusyStatus(answer.status),
    );
  }

  private async call(method: string, parameters: Value[], timeoutSeconds?: number): Promise<Value> {
    const body = encode({ id: "1", method, params: parameters });
    const answer = await this.send("/rpc", { body, timeoutSeconds });
    const bytes = await wholeBody(answer);
    if (answer.status !== 200) {
      const text = shorten(bytes.toString());
      throw new QueryError(
        `${this.name}: ${method} returned HTTP ${answer.status}: ${text}`,
        isBusyStatus(answer.status),
      );
    }
    const { error, result } = decode(bytes) as Fields;
    if (error === undefined || error === null) return result;
    const text = errorText(error);
    throw new QueryError(`${this.name}: ${method}: ${text}`, isBusyAnswer(text));
  }

  /** Signs in on first use, and again if the token has expired. */
  private async send(path: string, options: { body?: Buffer; timeoutSeconds?: number | undefined }): Promise<Answer> {
    const fresh = this.address.token === undefined;
    this.address.token ??= await signIn(this.address);
    const answer = await this.sendOnce(path, options);
    if (answer.status !== 401 || fresh) return answer;
    await wholeBody(answer);
    this.address.token = await signIn(this.address);
    return this.sendOnce(path, options);
  }

  private sendOnce(path: string, options: { body?: Buffer; timeoutSeconds?: number | undefined }): Promise<Answer> {
    const { url, namespace, timeoutSeconds, signal, token } = this.address;
    const headers: Record<string, string> = {
      authorization: `Bearer ${token}`,
      accept: "application/cbor",
      "surreal-ns": namespace,
    };
    if (this.name) headers["surreal-db"] = this.name;
    if (options.body) headers["content-type"] = "application/cbor";
    const method = options.body ? "POST" : "GET";
    const limits = { timeoutSeconds: options.timeoutSeconds ?? timeoutSeconds, signal };
    return send({ url: new URL(path, url), method, headers, ...limits, body: options.body });
  }
}

async function signIn(address: DatabaseAddress): Promise<string> {
  const answer = await send({
    url: new URL("/signin", address.url),
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ user: address.username, pass: address.password }),
    timeoutSeconds: address.timeoutSeconds,
    signal: address.signal,
  });
  const text = (await wholeBody(answer)).toString();
  if (answer.status !== 200) {
    const what = `sign-in as ${address.username} returned HTTP ${answer.status}`;
    throw new QueryError(`${what}: ${shorten(text)}`, isBusyStatus(answer.status));
  }
  const { token } = JSON.parse(text) as { token?: unknown };
  if (typeof token !== "string") throw new QueryError(`sign-in as ${address.username} returned no token`);
  return token;
}

/** Whether the server could not be reached, so that a retry may help. */
export const isUnreachable = (error: unknown): boolean => error instanceof RequestError;

/** Quotes a name as a SurrealQL identifier. */
export const identifier = (name: string): string => `\`${name.replaceAll("\\", "\\\\").replaceAll("`", "\\`")}\``;

/** Quotes a text as a SurrealQL string literal. */
export const literal = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

function errorText(value: Value): string {
  if (typeof value === "string") return value;
  if (value && typeof value === "object" && "message" in value) return String(value.message);
  return JSON.stringify(value);
}

/** First line of an error (later lines quote the statement) without secrets, including truncated or escaped ones. */
function withoutSecrets(text: string, secrets: string[]): string {
  const lines = secrets.flatMap((secret) => [secret, literal(secret).slice(1, -1)]).flatMap((one) => one.split("\n"));
  const longestFirst = lines.filter((line) => line.trim() !== "").toSorted((a, b) => b.length - a.length);
  const [first = ""] = text.split("\n");
  const shown = longestFirst.reduce((left, secret) => left.replaceAll(secret, hidden), first);
  return shorten(shown.replaceAll(/\b(KEY|PASSWORD)\s+(?:'(?:\\.|[^'\\])*'?|"(?:\\.|[^"\\])*"?)/gi, `$1 ${hidden}`));
}

const hidden = "[hidden]";

const shorten = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text);
