/** API for users and drills: sessions and an append-only ledger. Serves only on the active site. */
import { defaultProbes } from "../../../contract/index.ts";
import { Unreachable, send } from "./http-client.ts";
import { loadAccessKeys } from "./access-keys.ts";
import { Database, StatementError, Unauthorized } from "./database.ts";
import { Refusal, ok, pathOf } from "./http-service.ts";
import type { Request, Service } from "./http-service.ts";
import { createDatabase, migration } from "./schema.ts";
import type { Settings } from "./settings.ts";
import { watchSiteState } from "./site-state.ts";
import type { SiteState, SiteStateWatch } from "./site-state.ts";
import { accountAccess, claimedDatabase, signToken } from "./tokens.ts";

interface Entry {
  n: number;
  payload: string;
}

interface Stored extends Entry {
  at: string;
}

const largestPage = 10_000;

/** Millisecond precision is sufficient for a ledger; the database keeps nanoseconds. */
const milliseconds = (at: string): string => at.replace(/(\.\d{3})\d*Z$/, "$1Z");

/** Maps the database's errors to the API's. */
async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Unauthorized) throw new Refusal(401, error.message);
    if (error instanceof Unreachable) throw new Refusal(503, `the database is unreachable: ${error.message}`);
    if (error instanceof StatementError) {
      throw new Refusal(/already contains|already exists/.test(error.message) ? 409 : 503, error.message);
    }
    throw error;
  }
}

const isEntry = (value: unknown): value is Entry => {
  const { n, payload } = (value ?? {}) as Partial<Entry>;
  return Number.isSafeInteger(n) && typeof payload === "string";
};

async function readEntries(request: Request): Promise<{ entries: Entry[]; batch: boolean }> {
  const body = await request.body();
  const batch = Array.isArray(body);
  const entries: unknown[] = batch ? body : [body];
  if (entries.length === 0 || !entries.every(isEntry)) {
    throw new Refusal(400, "the body must be {n: integer, payload: text}, or a list of these");
  }
  return { entries, batch };
}

class Backend {
  readonly #settings: Settings;
  readonly #database: Database;
  readonly state: SiteStateWatch;
  readonly #keys;
  #migrated = "";

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#database = new Database(settings);
    this.#keys = loadAccessKeys(settings);
    const active = settings.role === "active";
    this.state = watchSiteState(this.#database, active, (state) => (active ? this.#migrate(state) : Promise.resolve()));
  }

  notReady(): string | undefined {
    return this.state.failure();
  }

  stop(): void {
    this.state.stop();
    this.#keys.stop();
  }

  status(): object {
    const { site, role, service } = this.#settings;
    const state = this.state.current();
    const ready = this.#reasonToRefuse() === undefined;
    return { service, site, role, ready, generation: state?.database ?? "", epoch: state?.epoch ?? 0 };
  }

  #reasonToRefuse(): string | undefined {
    const { role, site } = this.#settings;
    if (role !== "active") return `the ${site} site is ${role}`;
    const state = this.state.current();
    if (!state) return `the site state is unknown: ${this.state.failure() ?? ""}`;
    return state.ready ? undefined : `the data is not ready: ${state.reason}`;
  }

  /** Name of the database in use. */
  serving(): string {
    const reason = this.#reasonToRefuse();
    if (reason !== undefined) throw new Refusal(503, reason);
    return this.state.current()?.database ?? "";
  }

  /**
   * The site may have been fenced since the write began; a write that the new writer does not have must not be
   * acknowledged.
   */
  #stillServing(database: string): void {
    if (this.serving() !== database)
      throw new Refusal(503, "another database has been put into use; the write is not acknowledged");
  }

  /** Database of the request's token. */
  #authorized(request: Request): { token: string; database: string } {
    const database = this.serving();
    const { token } = request;
    // The database would accept a token for another of its databases and return no rows.
    if (token === undefined || claimedDatabase(token) !== database) throw new Refusal(401, "sign in first");
    return { token, database };
  }

  async #migrate(state: SiteState): Promise<void> {
    if (this.#migrated === state.database) return;
    const key = this.#keys.keys()?.[accountAccess];
    if (key === undefined) throw new Error(this.#keys.failure() ?? `the access keys hold no ${accountAccess}`);
    await this.#database.query("", createDatabase(state.database));
    await this.#database.query(state.database, migration(key));
    this.#migrated = state.database;
  }

  async openSession(request: Request) {
    const { user } = ((await request.body()) ?? {}) as { user?: unknown };
    if (typeof user !== "string" || user === "") throw new Refusal(400, "the body must be {user: text}");
    const database = this.serving();
    if (this.#settings.signsIn) return ok({ token: this.#sign(user, database) });
    const url = new URL("/v1/session", this.#settings.serviceUrl("authentication"));
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ user, database });
    const answer = await send(url, { method: "POST", headers, body }).catch((error: unknown) => {
      throw new Refusal(503, `authentication is unreachable: ${(error as Error).message}`);
    });
    return ok(answer.json(), answer.status);
  }

  #sign(user: string, database: string): string {
    const key = this.#keys.keys()?.[accountAccess];
    if (key === undefined) throw new Refusal(503, this.#keys.failure() ?? `the access keys hold no ${accountAccess}`);
    return signToken({ namespace: this.#settings.databaseNamespace, database, user }, key, new Date());
  }

  async append(request: Request) {
    const { token, database } = this.#authorized(request);
    const { entries, batch } = await readEntries(request);
    const rows = entries.map(({ n, payload }) => ({ n, payload }));
    const [created] = await translated(() =>
      this.#database.queryAs(token, database, "INSERT INTO ledger $rows RETURN n, at", { rows }),
    );
    const stored = (Array.isArray(created) ? created : []) as unknown as Stored[];
    // Rows rejected by permissions are omitted without an error.
    if (stored.length !== rows.length) throw new Refusal(403, "the database does not permit this user to write");
    this.#stillServing(database);
    const acknowledged = stored.map(({ n, at }) => ({ n, at: milliseconds(at) }));
    return ok(batch ? { entries: acknowledged } : acknowledged[0], 201);
  }

  /** Adds a task, numbered by a sequence that a restore must not restart. */
  async addTask(request: Request) {
    const { token, database } = this.#authorized(request);
    const { title } = ((await request.body()) ?? {}) as { title?: unknown };
    if (typeof title !== "string" || title === "") throw new Refusal(400, "the body must be {title: text}");
    const sql = "CREATE ONLY task SET title = $title, project = project:welcome RETURN number, title";
    const [task] = await translated(() => this.#database.queryAs(token, database, sql, { title }));
    if (task === null || task === undefined) throw new Refusal(403, "the database does not permit this user to write");
    this.#stillServing(database);
    return ok(task, 201);
  }

  async list(request: Request) {
    const { token, database } = this.#authorized(request);
    const from = Number(request.query.get("from") ?? 0);
    const limit = Number(request.query.get("limit") ?? 100);
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(limit) || limit < 1 || limit > largestPage) {
      throw new Refusal(400, `from must be an integer, limit an integer from 1 to ${largestPage}`);
    }
    const sql = "SELECT n, payload, at FROM ledger WHERE n >= $from ORDER BY n LIMIT $limit";
    const [rows] = await translated(() => this.#database.queryAs(token, database, sql, { from, limit }));
    const entries = rows as unknown as Stored[];
    return ok({ entries: entries.map(({ n, payload, at }) => ({ n, payload, at: milliseconds(at) })) });
  }
}

export function backendApi(settings: Settings): Service {
  const backend = new Backend(settings);
  const { traffic } = settings.probes;
  return {
    notReady: () => backend.notReady(),
    stop: () => backend.stop(),
    routes: {
      [`GET ${defaultProbes.traffic.path}`]: () => ok(backend.status()),
      [`${traffic.method} ${pathOf(traffic.path)}`]: () => ok(backend.status(), traffic.status),
      "POST /v1/session": (request) => backend.openSession(request),
      "POST /v1/entries": (request) => backend.append(request),
      "POST /v1/tasks": (request) => backend.addTask(request),
      "GET /v1/entries": (request) => backend.list(request),
    },
  };
}
