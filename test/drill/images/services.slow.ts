import { expect } from "chai";
import { authentication } from "../../../drill/images/services/authentication.ts";
import { backendApi } from "../../../drill/images/services/backend-api.ts";
import { frontendUi, healthMonitoring, monitoringDashboards } from "../../../drill/images/services/observers.ts";
import { signToken } from "../../../drill/images/services/tokens.ts";
import type { TokenSubject } from "../../../drill/images/services/tokens.ts";
import {
  agentOrchestration,
  analytics,
  llmRouting,
  loggingAggregation,
} from "../../../drill/images/services/workers.ts";
import { accountKey, eventually, holdAnswers, openSmallSite, prepareDatabase, setState } from "./small-site.ts";
import type { SmallSite } from "./small-site.ts";

interface Answer {
  status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the tests check what is in it
  body: any;
}

async function ask(url: string, options: { token?: string; body?: unknown } = {}): Promise<Answer> {
  const { token, body } = options;
  const response = await fetch(url, {
    method: body === undefined ? "GET" : "POST",
    headers: { ...(token && { authorization: `Bearer ${token}` }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text.startsWith("<") ? text : JSON.parse(text) };
}

const ready = (url: string) => async (): Promise<boolean> => (await ask(`${url}/readyz`)).status === 200;

describe("VAPORA's services on the local stack", () => {
  let site: SmallSite;
  let api: string;
  let token: string;

  before(async () => {
    site = await openSmallSite();
    await site.start("authentication", authentication);
    api = await site.start("backend-api", backendApi);
  });
  after(() => site.stop());

  it("are not ready before the database is prepared, with the reason", async () => {
    const { status, body } = await ask(`${api}/readyz`);
    expect(status).to.equal(503);
    expect(body.reason).to.be.a("string").and.not.equal("");
    expect((await ask(`${api}/healthz`)).status).to.equal(200);
    expect((await ask(`${api}/v1/session`, { body: { user: "someone" } })).status).to.equal(503);
  });

  it("set up an empty database once it may be used", async () => {
    await prepareDatabase(site, { database: "main", ready: true });
    await eventually(ready(api));
    const { body } = await ask(`${api}/.well-known/continuity`);
    expect(body).to.deep.equal({
      service: "backend-api",
      site: "primary",
      role: "active",
      ready: true,
      generation: "main",
      epoch: 1,
    });
    const [info] = await site.sql("main", "INFO FOR DB");
    const { tables, accesses, sequences } = info?.result as Record<string, Record<string, string>>;
    expect(tables).to.have.all.keys("ledger", "project", "task", "agent", "account");
    for (const table of Object.values(tables ?? {})) expect(table).to.include("CHANGEFEED");
    expect(accesses).to.have.all.keys("account");
    expect(sequences).to.have.all.keys("task_number");
  });

  it("sign users in with a token that the database accepts", async () => {
    const { status, body } = await ask(`${api}/v1/session`, { body: { user: "o'brien`\\" } });
    expect(status).to.equal(200);
    token = body.token;
    const written = await ask(`${api}/v1/entries`, { token, body: { n: 1, payload: "first" } });
    expect(written.status).to.equal(201);
    expect(written.body.n).to.equal(1);
    expect(written.body.at).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it("return entries in order, page by page", async () => {
    const batch = [5, 3, 4].map((n) => ({ n, payload: `entry ${n}` }));
    expect((await ask(`${api}/v1/entries`, { token, body: batch })).status).to.equal(201);
    const { body } = await ask(`${api}/v1/entries?from=2&limit=2`, { token });
    expect(body.entries.map((entry: { n: number; payload: string }) => [entry.n, entry.payload])).to.deep.equal([
      [3, "entry 3"],
      [4, "entry 4"],
    ]);
  });

  it("store no number twice, and nothing of a batch with a duplicate", async () => {
    const body = [6, 1].map((n) => ({ n, payload: "again" }));
    expect((await ask(`${api}/v1/entries`, { token, body })).status).to.equal(409);
    const page = await ask(`${api}/v1/entries?from=6&limit=1`, { token });
    expect(page.body.entries).to.deep.equal([]);
  });

  for (const [what, made] of [
    ["no token", undefined],
    ["a token signed with another key", { namespace: "vapora", database: "main", user: "x", key: "other" }],
    ["a token for another database", { namespace: "vapora", database: "g1", user: "x", key: accountKey }],
    ["a token for another namespace", { namespace: "other", database: "main", user: "x", key: accountKey }],
  ] as [string, (TokenSubject & { key: string }) | undefined][]) {
    it(`return 401 for ${what}`, async () => {
      const forged = made && signToken(made, made.key, new Date());
      const body = { n: 99, payload: "forged" };
      expect((await ask(`${api}/v1/entries`, { ...(forged && { token: forged }), body })).status).to.equal(401);
      expect((await ask(`${api}/v1/entries`, { ...(forged && { token: forged }) })).status).to.equal(401);
    });
  }

  it("return 400 for an invalid entry", async () => {
    for (const body of [{}, { n: 1.5, payload: "" }, { n: 1 }, [], [{ n: 1, payload: "" }, null], "text"]) {
      expect((await ask(`${api}/v1/entries`, { token, body })).status, JSON.stringify(body)).to.equal(400);
    }
    expect((await ask(`${api}/v1/entries?limit=0`, { token })).status).to.equal(400);
  });

  it("number tasks by a sequence and count them by an event", async () => {
    const numbers = [];
    for (const title of ["one", "two"])
      numbers.push((await ask(`${api}/v1/tasks`, { token, body: { title } })).body.number);
    expect(numbers[1] - numbers[0]).to.equal(1);
    const [counted] = await site.sql("main", "SELECT VALUE tasks FROM project");
    expect(counted?.result).to.deep.equal([4]);
  });

  it("retry a conflicting transaction", async () => {
    const answers = await Promise.all(
      Array.from({ length: 4 }, (_, n) => ask(`${api}/v1/tasks`, { token, body: { title: `task ${n}` } })),
    );
    expect(answers.map(({ status }) => status)).to.deep.equal([201, 201, 201, 201]);
    const [counted] = await site.sql("main", "SELECT VALUE tasks FROM project");
    expect(counted?.result).to.deep.equal([8]);
  });

  it("write concurrently without loss", async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) => ask(`${api}/v1/entries`, { token, body: { n: 1000 + n, payload: "x" } })),
    );
    expect(answers.map(({ status }) => status)).to.deep.equal(Array(40).fill(201));
  });

  it("reject traffic as soon as the data is not ready, and serve another database after a restore", async () => {
    await setState(site, { database: "main", ready: false });
    await eventually(async () => (await ask(`${api}/v1/entries`, { token })).status === 503);
    expect((await ask(`${api}/v1/entries`, { token, body: { n: 7, payload: "" } })).status).to.equal(503);
    expect((await ask(`${api}/.well-known/continuity`)).body.ready).to.equal(false);
    await setState(site, { database: "g2", ready: true });
    await eventually(async () => (await ask(`${api}/.well-known/continuity`)).body.generation === "g2");
    expect((await ask(`${api}/v1/entries`, { token })).status).to.equal(401);
    const session = await ask(`${api}/v1/session`, { body: { user: "someone" } });
    expect((await ask(`${api}/v1/entries`, { token: session.body.token })).body).to.deep.equal({ entries: [] });
    await setState(site, { database: "main", ready: true });
    await eventually(async () => (await ask(`${api}/.well-known/continuity`)).body.generation === "main");
  });

  it("do not acknowledge a write during which the site was fenced", async () => {
    const held = await holdAnswers(site.front.url, "INSERT INTO ledger");
    const slow = await site.start("backend-api", (settings) => backendApi({ ...settings, databaseUrl: held.url }));
    await eventually(async () => (await ask(`${slow}/.well-known/continuity`)).body.ready === true);
    const body = { n: 2, payload: "under way" };
    const answer = ask(`${slow}/v1/entries`, { token, body });
    await held.reached;
    await setState(site, { database: "main", ready: false });
    await eventually(async () => (await ask(`${slow}/.well-known/continuity`)).body.ready === false);
    held.release();
    expect((await answer).status).to.equal(503);
    const [stored] = await site.sql("main", "DELETE ledger WHERE n = 2 RETURN VALUE $before.n");
    expect(stored?.result, "the database had committed it").to.deep.equal([2]);
    await setState(site, { database: "main", ready: true });
    await eventually(async () => (await ask(`${api}/.well-known/continuity`)).body.ready === true);
    await held.stop();
  });

  it("are warm on a standby: ready, but not serving", async () => {
    const standby = await site.start("backend-api", backendApi, "standby");
    await eventually(ready(standby));
    const answer = await ask(`${standby}/v1/entries`, { token, body: { n: 8, payload: "" } });
    expect(answer.status).to.equal(503);
    expect(answer.body.reason).to.include("standby");
    const warm = await site.start("authentication", authentication, "standby");
    await eventually(ready(warm));
    expect((await ask(`${warm}/v1/session`, { body: { user: "a", database: "main" } })).status).to.equal(503);
  });

  it("retry reading the access keys until Secrets Manager responds", async () => {
    const { secret } = site;
    site.secret = undefined;
    const late = await site.start("authentication", authentication);
    expect((await ask(`${late}/readyz`)).status).to.equal(503);
    site.secret = secret;
    await eventually(ready(late));
  });

  it("of the lower tiers do their work", async () => {
    site.secret = JSON.stringify({ account: accountKey });
    await site.start("backend-api", backendApi);
    const health = await site.start("health-monitoring", healthMonitoring);
    const routing = await site.start("llm-routing", () => llmRouting());
    const agents = await site.start("agent-orchestration", agentOrchestration);
    const counts = await site.start("analytics", analytics);
    const logs = await site.start("logging-aggregation", () => loggingAggregation());
    const page = await site.start("frontend-ui", frontendUi);
    const dashboards = await site.start("monitoring-dashboards", monitoringDashboards);
    for (const url of [health, agents, counts, logs, page, dashboards, routing]) await eventually(ready(url));
    expect((await ask(`${counts}/v1/counts`)).body).to.deep.equal({
      ledger: 44,
      project: 1,
      task: 8,
      agent: 3,
      account: 1,
    });
    expect((await ask(`${agents}/v1/agents`)).body.queued).to.deep.equal(
      ["Create a first project", "one", "task 0", "task 1", "task 2", "task 3", "two"].map((title) => ({ title })),
    );
    expect((await ask(`${routing}/v1/route`, { body: { skill: "test" } })).body).to.deep.equal({ model: "medium" });
    expect((await ask(`${routing}/v1/route`, { body: { skill: "cooking" } })).status).to.equal(404);
    await eventually(async () => (await ask(`${health}/v1/health`)).body.healthy === true);
    expect((await ask(`${dashboards}/`)).body).to.include("surrealdb<td>healthy");
    await eventually(async () => String((await ask(`${page}/`)).body).includes("All your projects"));
    await ask(`${logs}/v1/logs`, { body: { line: "hello" } });
    expect((await ask(`${logs}/v1/logs`)).body).to.deep.equal({ lines: ["hello"] });
  });

  it("are not ready once the database is gone", async () => {
    const health = await site.start("health-monitoring", healthMonitoring);
    await eventually(ready(health));
    await site.front.stop();
    await eventually(async () => (await ask(`${health}/readyz`)).status === 503);
    await eventually(async () => (await ask(`${api}/readyz`)).status === 503);
    expect((await ask(`${api}/v1/entries`, { token, body: { n: 9, payload: "" } })).status).to.equal(503);
  });
});
