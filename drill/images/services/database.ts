/** The database as a service sees it: statements as the service's own user, or with a user's token. */
import { decode, encode } from "../wire/cbor.ts";
import type { Plain } from "../wire/cbor.ts";
import { ask } from "./ask.ts";
import type { Settings } from "./settings.ts";

/** The database answered, and refused the token or the password. */
export class Unauthorized extends Error {}

/** A statement failed; nothing of it was committed. */
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

  /** Runs statements as the service's namespace-level user. Throws where any of them fails. */
  async query(database: string, sql: string, variables: { [name: string]: Plain } = {}): Promise<Plain[]> {
    for (let attempt = 1; ; attempt++) {
      const token = await (this.#token ??= this.#signIn());
      try {
        return await this.queryAs(token, database, sql, variables);
      } catch (error) {
        // Tokens live an hour, and a database that was replaced knows none of the old ones.
        if (!(error instanceof Unauthorized) || attempt > 1) throw error;
        this.#token = undefined;
      }
    }
  }

  /** Runs statements in a session that the database itself authenticates by the token. */
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
    const { status, body } = await ask(new URL("/rpc", databaseUrl), {
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
    if (status === 401 || status === 403) throw new Unauthorized("the database refuses the token");
    if (status !== 200) throw new StatementError(`the database answers ${status}: ${body.toString().slice(0, 200)}`);
    const { result, error } = decode(body) as { result?: StatementResult[]; error?: { message: string } };
    if (error || !result) throw new StatementError(error?.message ?? "the database gave no result");
    const failed = result.filter(({ status: outcome }) => outcome !== "OK");
    // Of statements in one transaction only one says why it failed; the others say that one did.
    const cause = failed.find(({ result: text }) => !/not executed/i.test(String(text))) ?? failed[0];
    if (cause) throw new StatementError(String(cause.result));
    return result.map(({ result: value }) => value);
  }

  #signIn(): Promise<string> {
    const { databaseUrl, databaseNamespace: ns, databaseUsername: user, databasePassword: pass } = this.#settings;
    const signing = ask(new URL("/signin", databaseUrl), {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ ns, user, pass }),
    }).then((answer) => {
      if (answer.status !== 200) throw new Unauthorized(`the database refuses the user ${user} of namespace ${ns}`);
      return (answer.json() as { token: string }).token;
    });
    signing.catch(() => (this.#token = undefined));
    return signing;
  }
}
