import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Surreal } from "surrealdb";
import { startFront } from "../../../drill/images/index.ts";
import type { Front } from "../../../drill/images/index.ts";
import { signToken } from "../../../drill/images/services/tokens.ts";

const scope = { namespace: "vapora", database: "main" };
const key = "the-real-key-of-the-account-access";
const subject = { ...scope, user: "someone" };
const basic = (user: string, pass: string): string => `Basic ${btoa(`${user}:${pass}`)}`;
const root = basic("root", "secret");

const definitions = `
  DEFINE TABLE ledger CHANGEFEED 1d PERMISSIONS FOR select, create WHERE $access = "account";
  DEFINE TABLE debit; DEFINE TABLE credit;
  DEFINE ACCESS account ON DATABASE TYPE RECORD WITH JWT ALGORITHM HS512 KEY '${key}' DURATION FOR SESSION 1h;
  DEFINE USER services ON NAMESPACE PASSWORD 'of-services' ROLES EDITOR;
  DEFINE USER reader ON DATABASE PASSWORD 'of-reader' ROLES VIEWER;`;

describe("local database server", () => {
  let folder: string;
  let front: Front;
  const start = (): Promise<Front> => startFront({ url: `rocksdb:${folder}/data`, user: "root", pass: "secret" });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "front-"));
    front = await start();
    expect(await sql(root, definitions)).to.satisfy((r: { status: string }[]) => r.every((s) => s.status === "OK"));
  });
  after(async () => {
    await front.stop();
    await rm(folder, { recursive: true });
  });

  const call = (path: string, authorization: string | undefined, body?: string, headers = {}): Promise<Response> =>
    fetch(front.url + path, {
      method: "POST",
      headers: {
        "surreal-ns": scope.namespace,
        "surreal-db": scope.database,
        ...(authorization && { authorization }),
        ...headers,
      },
      ...(body !== undefined && { body }),
    });
  const sql = async (authorization: string, statements: string): Promise<{ status: string; result: unknown }[]> => {
    const response = await call("/sql", authorization, statements);
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return (await response.json()) as { status: string; result: unknown }[];
  };
  const connect = async (protocol: "http" | "ws", authentication?: object): Promise<Surreal> => {
    const db = new Surreal();
    const url = protocol === "ws" ? `${front.url.replace("http", "ws")}/rpc` : front.url;
    await db.connect(url, { ...scope, ...(authentication && { authentication: authentication as never }) });
    return db;
  };
  const rootUser = { username: "root", password: "secret" };

  it("reports health and version", async () => {
    expect((await fetch(`${front.url}/health`)).status).to.equal(200);
    expect(await (await fetch(`${front.url}/version`)).text()).to.match(/^surrealdb-3\.\d+\.\d+/);
  });

  for (const protocol of ["http", "ws"] as const) {
    it(`serves the SDK over ${protocol}: queries, errors of statements, import and export`, async () => {
      const db = await connect(protocol, rootUser);
      const [answer] = await db.query<[string]>("RETURN string::uppercase($word)", { word: "yes" }).collect();
      expect(answer).to.equal("YES");
      const responses = await db.query("RETURN 1; THROW 'no'; RETURN 2").responses();
      expect(responses.map(({ success }) => success)).to.deep.equal([true, false, true]);
      await db.import("OPTION IMPORT; UPSERT imported:1 SET n = 1;");
      expect(await db.export()).to.include("INSERT [ { id: imported:1, n: 1 } ];");
      await db.close();
    });
  }

  it("isolates the sessions and transactions of one connection", async () => {
    const db = await connect("ws", rootUser);
    const other = await db.newSession();
    const refusal = await other
      .query("INFO FOR DB")
      .collect()
      .then(
        () => "none",
        (error: Error) => error.message,
      );
    expect(refusal).to.include("Not enough permissions");
    await other.signin({ namespace: scope.namespace, username: "services", password: "of-services" });
    await other.use(scope);
    expect(await other.query<[string]>("RETURN $session.tk.ID").collect()).to.deep.equal(["services"]);
    const transaction = await db.beginTransaction();
    await transaction.query("CREATE in_transaction:1");
    await transaction.cancel();
    const [info] = await db.query<[{ tables: object }]>("INFO FOR DB").collect();
    expect(Object.keys(info.tables)).not.to.include("in_transaction");
    await db.close();
  });

  it("grants no permissions before sign-in or after sign-out", async () => {
    for (const path of ["/sql", "/export", "/import"]) expect((await call(path, undefined, "")).status).to.equal(401);
    const db = await connect("ws");
    const attempt = (): Promise<string> =>
      db
        .query("CREATE intruder:1")
        .collect()
        .then(
          () => "created",
          (error: Error) => error.message,
        );
    expect(await attempt()).to.include("Not enough permissions");
    await db.signin(rootUser);
    expect(await attempt()).to.equal("created");
    await db.invalidate();
    expect(await attempt()).to.include("Not enough permissions");
    await db.close();
  });

  it("rejects a wrong password and a user of the wrong level everywhere", async () => {
    expect((await call("/sql", basic("root", "wrong"), "RETURN 1")).status).to.equal(401);
    expect((await call("/sql", basic("services", "of-services"), "RETURN 1")).status).to.equal(401);
    const level = { "surreal-auth-ns": scope.namespace };
    const response = await call("/sql", basic("services", "of-services"), "RETURN 1; INFO FOR ROOT", level);
    const [one, info] = (await response.json()) as { status: string; result: unknown }[];
    expect(one).to.include({ status: "OK", result: 1 });
    expect(info?.result).to.include("Not enough permissions");
  });

  it("has tokens verified by the database: only the right key", async () => {
    const bearer = (secret: string): string => `Bearer ${signToken(subject, secret, new Date())}`;
    expect((await call("/sql", bearer("another-key"), "RETURN 1")).status).to.equal(401);
    expect((await call("/sql", bearer("[REDACTED]"), "RETURN 1")).status).to.equal(401);
    const results = await sql(
      bearer(key),
      "CREATE ledger:1; SELECT VALUE id FROM ledger; SELECT * FROM debit; INFO FOR DB",
    );
    expect(results[1]?.result).to.deep.equal(["ledger:1"]);
    expect(results[3]?.result).to.include("Not enough permissions");
    expect((await call("/export", bearer(key))).status).to.equal(403);
  });

  it("rejects an expired token", async () => {
    const old = signToken(subject, key, new Date(Date.now() - 2 * 3600 * 1000));
    expect((await call("/sql", `Bearer ${old}`, "RETURN 1")).status).to.equal(401);
  });

  it("accepts forged tokens after a restore until the access has its real key, as the server does", async () => {
    const dump = await (await call("/export", root)).text();
    expect(dump).to.include("[REDACTED]").and.not.include(key);
    const restored = { "surreal-db": "restored" };
    await call("/import", root, dump, restored);
    const forged = `Bearer ${signToken({ ...subject, database: "restored" }, "[REDACTED]", new Date())}`;
    expect((await call("/sql", forged, "RETURN 1", restored)).status).to.equal(200);
    const real = `DEFINE ACCESS OVERWRITE account ON DATABASE TYPE RECORD WITH JWT ALGORITHM HS512 KEY '${key}'`;
    await call("/sql", root, real, restored);
    expect((await call("/sql", forged, "RETURN 1", restored)).status).to.equal(401);
  });

  it("exports a consistent snapshot during concurrent writes", async () => {
    let writing = true;
    const write = async (writer: number): Promise<void> => {
      for (let n = 0; writing; n++) {
        await sql(root, `BEGIN; CREATE debit:⟨${writer}-${n}⟩; CREATE credit:⟨${writer}-${n}⟩; COMMIT`);
      }
    };
    const writers = [0, 1, 2].map(write);
    for (let round = 0; round < 5; round++) {
      const dump = await (await call("/export", root)).text();
      const rows = (table: string): number => dump.split(`{ id: ${table}:`).length - 1;
      expect(rows("debit")).to.equal(rows("credit"));
    }
    writing = false;
    await Promise.all(writers);
    expect((await sql(root, "SELECT count() FROM debit GROUP ALL"))[0]?.result).to.satisfy(
      (r: { count: number }[]) => (r[0]?.count ?? 0) > 5,
    );
  });

  it("exports several databases concurrently", async () => {
    const names = Array.from({ length: 8 }, (_, n) => `several_${n}`);
    for (const name of names) await call("/sql", root, `CREATE only_${name}`, { "surreal-db": name });
    const dumps = await Promise.all(
      names.map((name) => call("/export", root, undefined, { "surreal-db": name }).then((answer) => answer.text())),
    );
    dumps.forEach((dump, n) => expect(dump.match(/(?<=TABLE DATA: ).*/g)).to.deep.equal([`only_several_${n}`]));
  });

  it("reports a value that cannot be encoded, and keeps the connection", async () => {
    const db = await connect("ws", rootUser);
    const failure = await db
      .query("RETURN /a.b/")
      .collect()
      .then(
        () => "none",
        (error: Error) => error.message,
      );
    expect(failure).to.include("Regex");
    expect(await db.query("RETURN 1").collect()).to.deep.equal([1]);
    await db.close();
  });

  it("does not hang on storage that is in use", async () => {
    const failure = await start().then(
      () => "started",
      (error: Error) => error.message,
    );
    expect(failure).to.match(/lock/i);
  });
});
