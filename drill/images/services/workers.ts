/** Services that read the platform's data or keep little state: agents, routing, analytics, logs. */
import { Database } from "./database.ts";
import { Refusal, ok } from "./http-service.ts";
import type { Service } from "./http-service.ts";
import { needs } from "./observers.ts";
import type { Settings } from "./settings.ts";
import { watchSiteState } from "./site-state.ts";
import type { SiteStateWatch } from "./site-state.ts";

function serving(state: SiteStateWatch): string {
  const now = state.current();
  if (!now?.ready) throw new Refusal(503, now?.reason ?? state.failure() ?? "the data is not ready");
  return now.database;
}

/** A service that reads the database; ready while it can be read. */
function reader(settings: Settings, path: string, read: (query: Query) => Promise<unknown>): Service {
  const database = new Database(settings);
  const state = watchSiteState(database, false);
  const query: Query = async (sql) => (await database.query(serving(state), sql))[0];
  return {
    notReady: () => state.failure(),
    stop: () => state.stop(),
    routes: { [`GET ${path}`]: async () => ok(await read(query)) },
  };
}

type Query = (sql: string) => Promise<unknown>;

/** Lists agents and their pending work; ready once they can reach a language model. */
export function agentOrchestration(settings: Settings): Service {
  const service = reader(settings, "/v1/agents", async (query) => ({
    agents: await query("SELECT name, skills FROM agent ORDER BY name"),
    queued: await query('SELECT title FROM task WHERE state = "queued" ORDER BY title'),
  }));
  return { ...service, notReady: async () => (await service.notReady()) ?? needs(settings, "llm-routing") };
}

/** Counts the platform's records. */
export const analytics = (settings: Settings): Service =>
  reader(settings, "/v1/counts", async (query) => {
    const tables = ["ledger", "project", "task", "agent", "account"];
    const counts = await Promise.all(
      tables.map(async (table) => {
        const [row] = (await query(`SELECT count() FROM ${table} GROUP ALL`)) as { count: number }[];
        return [table, row?.count ?? 0] as const;
      }),
    );
    return Object.fromEntries(counts);
  });

/** Language model by the skill that a request needs. */
const models = new Map([
  ["design", "large"],
  ["review", "large"],
  ["code", "medium"],
  ["test", "medium"],
  ["documents", "small"],
]);

/** Selects a language model by the required skill. */
export const llmRouting = (): Service => ({
  notReady: () => undefined,
  routes: {
    "POST /v1/route": async (request) => {
      const { skill } = ((await request.body()) ?? {}) as { skill?: unknown };
      if (typeof skill !== "string") throw new Refusal(400, "the body must be {skill: text}");
      const model = models.get(skill);
      if (model === undefined) throw new Refusal(404, `no model has the skill ${skill}`);
      return ok({ model });
    },
  },
});

const keptLines = 1000;

/** Collects log lines of the other services and returns the newest. */
export function loggingAggregation(): Service {
  const lines: string[] = [];
  return {
    notReady: () => undefined,
    routes: {
      "POST /v1/logs": async (request) => {
        const { line } = ((await request.body()) ?? {}) as { line?: unknown };
        if (typeof line !== "string") throw new Refusal(400, "the body must be {line: text}");
        lines.push(line);
        lines.splice(0, lines.length - keptLines);
        return ok({ kept: lines.length }, 202);
      },
      "GET /v1/logs": () => ok({ lines }),
    },
  };
}
