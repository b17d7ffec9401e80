import { expect } from "chai";
import { countDeleted, readChange, readFeed, FeedError, type Changeset } from "../../../jobs/database/feed.ts";
import { databaseNow, positionOf } from "../../../jobs/database/time.ts";
import { freshDatabase, stopEngine } from "../support/engine.ts";
import type { Database } from "../../../jobs/database/client.ts";

async function all(database: Database, from: bigint, pageSize: number): Promise<Changeset[]> {
  const changesets: Changeset[] = [];
  for await (const changeset of readFeed(database, from, { pageSize })) changesets.push(changeset);
  return changesets;
}

describe("the changefeed", () => {
  after(stopEngine);

  it("is complete and ordered with every page size, even if a page splits a transaction", async () => {
    const database = await freshDatabase();
    await database.query("DEFINE TABLE a CHANGEFEED 1d; DEFINE TABLE b CHANGEFEED 1d; DEFINE TABLE c CHANGEFEED 1d;");
    for (let n = 0; n < 12; n++) {
      await database.query(`BEGIN; CREATE a:${n}; CREATE b:${n}; CREATE c:${n}; UPDATE a:${n} SET x = 1; COMMIT;`);
      await database.query(`CREATE a:${100 + n}`);
    }
    const expected = await all(database, 0n, 1000);
    expect(expected.flatMap(({ changes }) => changes)).to.have.length(3 + 12 * 5);
    for (const pageSize of [4, 5, 6, 7, 13, 40]) {
      const found = await all(database, 0n, pageSize);
      expect(found, `page of ${pageSize}`).to.deep.equal(expected);
    }
    const stamps = expected.map(({ versionstamp }) => versionstamp);
    expect(stamps).to.deep.equal([...new Set(stamps)].sort((x, y) => Number(x - y)));
  });

  it("starts with the transaction at the given position", async () => {
    const database = await freshDatabase();
    await database.query("DEFINE TABLE a CHANGEFEED 1d; CREATE a:1; CREATE a:2; CREATE a:3;");
    const expected = await all(database, 0n, 1000);
    const [, , second] = expected;
    expect(await all(database, second?.versionstamp ?? 0n, 1000)).to.deep.equal(expected.slice(2));
  });

  it("ends at the requested time although writes outpace reading", async () => {
    const database = await freshDatabase();
    await database.query("DEFINE TABLE a CHANGEFEED 1d; FOR $n IN 0..300 { CREATE type::record('a', $n) };");
    let writing = true;
    const writer = (async () => {
      for (let n = 1000; writing; n++) await database.query(`CREATE a:${n}; CREATE a:${n}0; CREATE a:${n}00;`);
    })();
    const enough = await databaseNow(database);
    const found: Changeset[] = [];
    for await (const changeset of readFeed(database, 0n, { pageSize: 2, enough })) found.push(changeset);
    writing = false;
    await writer;
    expect(found.flatMap(({ changes }) => changes)).to.have.length.above(300);
    const last = found.at(-1)?.versionstamp ?? 0n;
    expect(last > positionOf(enough)).to.equal(true);
  });

  it("continues when positions are ahead of a clock that was set back", async () => {
    const database = await freshDatabase();
    await database.query("DEFINE TABLE a CHANGEFEED 1d; CREATE a:1; CREATE a:2; CREATE a:3; CREATE a:4;");
    const enough = new Date((await databaseNow(database)).getTime() - 60_000);
    const found: Changeset[] = [];
    for await (const changeset of readFeed(database, 0n, { pageSize: 2, enough })) found.push(changeset);
    expect(found).to.have.length(5);
  });

  it("rejects a transaction larger than a page instead of omitting part of it", async () => {
    const database = await freshDatabase();
    const tables = ["a", "b", "c"];
    await database.query(tables.map((name) => `DEFINE TABLE ${name} CHANGEFEED 1d;`).join(" "));
    await database.query(`BEGIN; ${tables.map((name) => `CREATE ${name}:1;`).join(" ")} COMMIT;`);
    const error = await all(database, 0n, 2).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(FeedError);
  });

  it("is parsed with and without original records, deletions and definitions", async () => {
    const database = await freshDatabase();
    await database.query(`DEFINE TABLE plain CHANGEFEED 1d; DEFINE TABLE original CHANGEFEED 1d INCLUDE ORIGINAL;
      CREATE plain:1 SET x = 1; UPDATE plain:1 SET x = 2; DELETE plain:1;
      CREATE original:1 SET x = 1; UPDATE original:1 SET x = 2f; DELETE original:1;`);
    const changes = (await all(database, 0n, 1000)).flatMap((set) => set.changes.map(readChange));
    const kinds = changes.map(({ kind, table }) => `${table} ${kind}`);
    const each = (table: string) => kinds.filter((text) => text.startsWith(table));
    for (const table of ["plain", "original"]) {
      expect(each(table)).to.deep.equal([
        `${table} definition`,
        `${table} record`,
        `${table} record`,
        `${table} deleted`,
      ]);
    }
    const last = changes.filter((change) => change.kind === "record").at(-1);
    expect(last?.record["x"]).to.have.property("value", 2);
  });

  it("counts each deleted record once, and no updates", async () => {
    const database = await freshDatabase();
    await database.query(`DEFINE TABLE a CHANGEFEED 1d; DEFINE TABLE b CHANGEFEED 1d INCLUDE ORIGINAL;
      CREATE a:1; UPDATE a:1 SET x = 1; UPDATE a:1 SET x = 2; CREATE a:2; DELETE a:2; CREATE a:2; DELETE a:2; CREATE a:3;
      CREATE b:1; UPDATE b:1 SET x = 1; CREATE b:2; DELETE b;`);
    const deleted = await countDeleted(readFeed(database, 0n, { pageSize: 100 }));
    expect(deleted).to.deep.equal({ a: 1, b: 2 });
  });

  it("rejects an unknown entry", () => {
    expect(() => readChange({ rename: { id: 1 } })).to.throw(FeedError);
  });
});
