import { expect } from "chai";
import { QueryError, type Database } from "../../../jobs/database/client.ts";
import { RequestError } from "../../../jobs/wire/http.ts";
import { isPassing } from "../../../jobs/points/failures.ts";
import { freshDatabase, stopEngine } from "../support/engine.ts";

describe("transient failures", function () {
  this.timeout(20_000);
  let database: Database;
  before(async () => {
    database = await freshDatabase();
    await database.query("CREATE item:1 SET n = 1; DEFINE TABLE t; DEFINE FIELD state ON t TYPE int");
  });
  after(stopEngine);

  const failureOf = (sql: string): Promise<Error> =>
    database.query(sql).then(
      () => expect.fail("nothing failed"),
      (error: Error) => error,
    );

  const content = {
    "a value": "CREATE t:1 SET state = 'timeout'",
    "a name": "SELECT * FROM conflict",
    "a sentence of the data": "THROW 'Transaction conflict: it timed out. This transaction can be retried'",
    "the statement": "CREATE t:1 SET state = 'returned HTTP 503'",
  };
  for (const [where, sql] of Object.entries(content)) {
    it(`exclude those with similar words in ${where}`, async () =>
      expect(isPassing(await failureOf(sql))).to.equal(false));
  }

  it("include timeouts and transaction conflicts in the engine's wording", async () => {
    expect(isPassing(await failureOf("SELECT sleep(1s) FROM item TIMEOUT 10ms"))).to.equal(true);
    const change = (n: number) => `BEGIN; UPDATE item:1 SET n = ${n}; SLEEP 100ms; COMMIT`;
    const attempts = Array.from({ length: 4 }, (_, n) => database.query(change(n)).catch((error: Error) => error));
    const failures = (await Promise.all(attempts)).filter((outcome) => outcome instanceof Error);
    expect(failures, "conflicts").not.to.be.empty;
    expect(failures.map(isPassing)).not.to.include(false);
  });

  const passing: Record<string, unknown> = {
    "a database that does not respond": new RequestError("POST /rpc: no response within 5 s", true),
    "a request that the server was too busy for": new QueryError("db: query returned HTTP 503: busy", true),
    "a bucket that asks to slow down": Object.assign(new Error("Please reduce"), { name: "SlowDown" }),
    "a bucket with an error of its own": Object.assign(new Error("x"), { $metadata: { httpStatusCode: 500 } }),
    "a cut connection below another error": new Error("x", { cause: Object.assign(new Error("y"), { code: "EPIPE" }) }),
  };
  for (const [what, error] of Object.entries(passing)) {
    it(`include ${what}`, () => expect(isPassing(error)).to.equal(true));
  }

  it("exclude denied access to a bucket", () => {
    expect(isPassing(Object.assign(new Error("no"), { $metadata: { httpStatusCode: 403 } }))).to.equal(false);
  });
});
