/** Database client of the services: statements as the service's user, or with a user's token. */
import { decode, encode } from "../wire/cbor.ts";
import type { Plain } from "../wire/cbor.ts";
import { send } from "./http-client.ts";
import type { Settings } from "./settings.ts";

/** The database rejected the token or the password. */
export class Unauthorized extends Error {}

/** A statement failed; nothing was committed. */
export class StatementError extends Error {}

interface StatementResult {
  status: "OK" | "ERR";
  result: Plain;
}

const conflict = /conflict|can be retried/i;
const attempts = 6;

export class Database {
  readonly #settings: Settings;
  #token: Promise<string> | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Runs statements as the service's namespace user. Throws if any of them fails. */
  async query(database: string, sql: string, variables: { [name: string]: Plain } = {}): Promise<Plain[]> {
    for (let attempt = 1; ; attempt++) {
      const token = await (this.#token ??= this.#signIn());
      try {
        return await this.queryAs(token, database, sql, variables);
      } catch (error) {
        // Tokens expire after an hour, and a replaced database accepts none of the old ones.
        if (!(error instanceof Unauthorized) || attempt > 1) throw error;
        this.#token = undefined;
      }
    }
  }

  /** Runs statements in a session authenticated by the token. */
  async queryAs(token: string, database: string, sql: string, variables: { [name: string]: Plain } = {}) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#send(token, database, sql, variables);
      } catch (error) {
        const again = error instanceof StatementError && conflict.test(error.message) && attempt < attempts;
        if (!again) throw error;
        await new Promise((resolve) => setTimeout(resolve, attempt * 5 * (1 + Math.random())));
      }
    }
  }

  async #send(token: string, database: string, sql: string, variables: { [name: string]: Plain }): Promise<Plain[]> {
    const { databaseUrl, databaseNamespace } = this.#settings;
    const { status, body } = await send(new URL("/rpc", databaseUrl), {
      method: "POST",
      headers: {
        "content-type": "application/cbor",
        accept: "application/cbor",
        authorization: `Bearer ${token}`,
        "surreal-ns": databaseNamespace,
        "surreal-db": database,
      },
      body: encode({ id: "1", method: "query", params: [sql, variables] }),
    });
    if (status === 401 || status === 403) throw new Unauthorized("the database rejected the token");
    if (status !== 200)
      throw new StatementError(`the database returned HTTP ${status}: ${body.toString().slice(0, 200)}`);
    const { result, error } = decode(body) as { result?: StatementResult[]; error?: { message: string } };
    if (error || !result) throw new StatementError(error?.message ?? "the database returned no result");
    const failed = result.filter(({ status: outcome }) => outcome !== "OK");
    // In a failed transaction only one statement has the cause; the others report that the transaction failed.
    const cause = failed.find(({ result: text }) => !/not executed/i.test(String(text))) ?? failed[0];
    if (cause) throw new StatementError(String(cause.result));
    return result.map(({ result: value }) => value);
  }

  #signIn(): Promise<string> {
    const { databaseUrl, databaseNamespace: ns, databaseUsername: user, databasePassword: pass } = this.#settings;
    const signing = send(new URL("/signin", databaseUrl), {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ ns, user, pass }),
    }).then((answer) => {
      if (answer.status !== 200) throw new Unauthorized(`the database rejected user ${user} of namespace ${ns}`);
      return (answer.json() as { token: string }).token;
    });
    signing.catch(() => (this.#token = undefined));
    return signing;
  }
}
