import { expect } from "chai";
import fc from "fast-check";
import { redefineAccesses } from "../../../jobs/database/accesses.ts";
import type { Fields } from "../../../jobs/wire/cbor.ts";
import { Database, type StatementResult } from "../../../jobs/database/client.ts";
import { advanceSequences } from "../../../jobs/database/sequences.ts";
import { importFull } from "../../../jobs/restore/import.ts";
import { replayChanges } from "../../../jobs/restore/replay.ts";
import { compareTables } from "../../../jobs/restore/verify.ts";
import { summarize } from "../../../jobs/points/summary.ts";
import { absent, freshDatabase, stopEngine } from "../support/engine.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { makeChanges, makeFull } from "../support/points.ts";
import { fill } from "../support/vapora.ts";

const options = { chunkBytes: 100_000, indexTimeoutSeconds: 30, signal: new AbortController().signal };

/** Differences between two databases, row by row, except for the table without a changefeed. */
async function differences(source: Database, target: Database): Promise<string[]> {
  const [a, b] = [await summarize(await source.export()), await summarize(await target.export())];
  delete a.tables["audit"];
  delete b.tables["audit"];
  return compareTables(a.tables as never, b.tables);
}

/** A database that receives altered statements. */
class ChangedDatabase extends Database {
  private readonly change: (sql: string) => string;

  constructor({ address, name }: Database, change: (sql: string) => string) {
    super(address, name);
    this.change = change;
  }

  override async attempt(sql: string, ...rest: [Fields?, number?]): Promise<StatementResult[]> {
    return super.attempt(this.change(sql), ...rest);
  }
}

/** As an integer where the database has one that large. */
const numberOf = (value: number): string => (Number.isSafeInteger(value) ? String(value) : `${value}f`);

describe("replaying changes", () => {
  let source: Database;
  let target: Database;
  let store: MemoryStore;

  beforeEach(async () => {
    source = await freshDatabase();
    store = new MemoryStore();
    await fill(source, 50);
    const manifest = await makeFull(source, store);
    target = absent(source);
    await importFull(store, manifest, target, options);
  });
  after(stopEngine);

  it("reproduces the source's state: new, changed and deleted records, edges, views, all types", async () => {
    await source.query(`CREATE project:x SET name = 'x', at = time::now(), whole = 2f, dec = 1.50dec, set = [1f, 2];
      UPDATE project:one SET score = 3f, tricky = NONE; DELETE task:1; CREATE account:bob SET name = 'bob';
      CREATE task:9 SET size = 1; RELATE project:x->owns:e9->task:9 SET weight = 2f; UPDATE owns SET weight = 5;
      UPDATE ledger:7 SET payload = 'changed'; DELETE ledger WHERE n > 45; CREATE task:['a', { b: 1 }] SET size = 2;`);
    const replayed = await replayChanges(store, await makeChanges(source, store), target);
    expect(replayed.differences).to.deep.equal([]);
    expect(await differences(source, target)).to.deep.equal([]);
  });

  it("handles exchanged unique values, even if an overlap repeats applied changes", async () => {
    await source.query(`UPDATE project:one SET name = 'tmp'; UPDATE project:two SET name = 'One'; UPDATE project:one SET name = 'Two';
      CREATE project:a SET name = 'A'; DELETE project:a; CREATE project:b SET name = 'A'; UPDATE project:b SET name = 'B';
      CREATE project:c SET name = 'A';`);
    const changes = await makeChanges(source, store);
    expect((await replayChanges(store, changes, target)).differences).to.deep.equal([]);
    expect(await differences(source, target)).to.deep.equal([]);

    const again = await replayChanges(store, changes, target);
    expect(again).to.include({ written: 0 }).and.have.property("differences").that.is.empty;
    const [refused] = await target.attempt("CREATE project SET name = 'Two'");
    expect(refused?.ok, "unique index after the exchange").to.equal(false);
  });

  it("announces writes, and writes nothing if a part does not match its manifest", async () => {
    await source.query("UPDATE project:one SET score = 3f; CREATE account:bob SET name = 'bob';");
    const manifest = await makeChanges(source, store);
    const [table] = Object.values(manifest.tables);
    if (table) table.finalStateDigest = "0".repeat(64);
    let said = 0;
    const before = await summarize(await target.export());
    const replayed = await replayChanges(store, manifest, target, async () => void said++);
    expect(replayed.differences).to.have.length(1);
    expect(said).to.equal(0);
    expect(await summarize(await target.export())).to.deep.equal(before);
    await replayChanges(store, await makeChanges(source, store), target, async () => void said++);
    expect(said).to.equal(1);
  });

  it("follows any history, in points that overlap, and changes nothing when they come again", async () => {
    const id = fc.integer({ min: 1, max: 4 });
    const act = fc.oneof(
      fc.record({
        act: fc.constant("put" as const),
        id,
        score: fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })),
      }),
      fc.record({ act: fc.constant("drop" as const), id }),
      fc.record({ act: fc.constant("swap" as const), id, with: id }),
    );
    const sqlOf = (one: typeof act extends fc.Arbitrary<infer Act> ? Act : never): string => {
      if (one.act === "drop") return `DELETE project:p${one.id};`;
      if (one.act === "put")
        return `UPSERT project:p${one.id} SET name = 'p${one.id}', score = ${numberOf(one.score)};`;
      return `UPDATE project:p${one.id} SET name = 'tmp'; UPDATE project:p${one.with} SET name = 'q${one.id}';
        UPDATE project:p${one.id} SET name = 'q${one.with}-';`;
    };
    const histories = fc.array(fc.array(act, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 3 });
    let slot = 0;
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const points = [];
        for (const acts of history) {
          await source.query("CREATE account SET name = 'somebody';");
          for (const one of acts) await source.attempt(sqlOf(one));
          points.push(await makeChanges(source, store, { slot: `20261123T11${String(slot++).padStart(4, "0")}Z` }));
        }
        for (const point of points.slice(-1)) {
          expect((await replayChanges(store, point, target)).differences).to.deep.equal([]);
          expect(await differences(source, target)).to.deep.equal([]);
          expect(await replayChanges(store, point, target)).to.include({ written: 0 });
        }
      }),
      { numRuns: 8, endOnFailure: true }, // each run continues the last one's history, so nothing can be shrunk
    );
  }).timeout(30_000);

  it("names a table whose changes are more than its manifest has, and one that is missing", async () => {
    await source.query("UPDATE project:one SET score = 3f; CREATE account:bob SET name = 'bob';");
    const manifest = await makeChanges(source, store);
    const { account: _, ...others } = manifest.tables;
    const before = await summarize(await target.export());
    const more = await replayChanges(store, { ...manifest, tables: others }, target);
    expect(more.differences).to.deep.equal(["changes of table account do not match the manifest"]);
    const invented = { ...manifest.tables, ghost: { changes: 1, touched: 1, deleted: 0, finalStateDigest: "0" } };
    const fewer = await replayChanges(store, { ...manifest, tables: invented }, target);
    expect(fewer.differences).to.deep.equal(["changes of table ghost do not match the manifest"]);
    expect(await summarize(await target.export())).to.deep.equal(before);
  });

  it("writes nothing of a part that was damaged on its way, and says which", async () => {
    await source.query("UPDATE project:one SET score = 3f;");
    const manifest = await makeChanges(source, store);
    const [part] = manifest.parts;
    const content = store.objects.get(part?.key ?? "") ?? Buffer.alloc(0);
    const before = await summarize(await target.export());
    for (const damaged of [content.subarray(0, content.length - 3), Buffer.concat([content, content])]) {
      store.objects.set(part?.key ?? "", damaged);
      const error = await replayChanges(store, manifest, target).then(
        () => expect.fail("it was replayed"),
        (reason: unknown) => String(reason),
      );
      expect(error).to.contain(part?.key ?? "");
      expect(await summarize(await target.export())).to.deep.equal(before);
    }
  });

  it("detects a record that was not written correctly", async () => {
    await source.query("UPDATE ledger:7 SET payload = 'changed'; UPDATE ledger:8 SET payload = 'changed';");
    const deaf = new ChangedDatabase(target, (sql) => sql.replace(/UPSERT \$id0 [^;]*;/, "LET $nothing = 1;"));
    const replayed = await replayChanges(store, await makeChanges(source, store), deaf);
    expect(replayed.differences).to.have.length(1);
    expect(replayed.differences[0]).to.match(/^a record of table ledger .* differs$/);
  });

  it("writes nothing to a database with different definitions", async () => {
    await source.query("CREATE account:bob SET name = 'bob'");
    const changes = await makeChanges(source, store);
    await target.query("REMOVE INDEX project_name ON project");
    const before = await summarize(await target.export());
    const { differences } = await replayChanges(store, changes, target);
    expect(differences).to.deep.equal(["definitions differ from the recovery point"]);
    expect(await summarize(await target.export())).to.deep.equal(before);
  });

  it("recognizes the definitions after keys and sequences were set", async () => {
    await source.query("CREATE account:bob SET name = 'bob'");
    const changes = await makeChanges(source, store);
    await redefineAccesses(target, { account: { key: "real", issuerKey: "real" } });
    await advanceSequences(target, { ticket: { value: 100, batch: 10 } }, { perSecond: 10, seconds: 10 });
    expect((await replayChanges(store, changes, target)).differences).to.deep.equal([]);
    const { restoredDefinitionsDigest: _, ...older } = changes;
    expect((await replayChanges(store, older, target)).differences).to.deep.equal([]);
  });

  it("skips a removed table, and records from before a table was redefined", async () => {
    await source.query("DEFINE TABLE gone CHANGEFEED 1d; CREATE gone:1; REMOVE TABLE gone;");
    await source.query(
      "CREATE agent:old; REMOVE TABLE agent; DEFINE TABLE agent SCHEMALESS CHANGEFEED 7d; CREATE agent:new;",
    );
    const replayed = await replayChanges(store, await makeChanges(source, store), target);
    expect(replayed.differences).to.deep.equal([]);
    expect(await differences(source, target)).to.deep.equal([]);
  });

  it("loses nothing when interrupted and repeated", async () => {
    await source.query(
      "UPDATE ledger SET payload = 'changed' WHERE n < 40; DELETE ledger:41; CREATE project:z SET name = 'z';",
    );
    const changes = await makeChanges(source, store);
    await target.query("UPDATE ledger:3 SET payload = 'changed'; DELETE ledger:41; DELETE ledger:5;");
    expect((await replayChanges(store, changes, target)).differences).to.deep.equal([]);
    expect(await differences(source, target)).to.deep.equal([]);
  });

  const killedAt = (pattern: RegExp) =>
    new ChangedDatabase(target, (sql) => {
      if (pattern.test(sql)) throw new Error("killed");
      return sql;
    });
  const accounts = async (database: Database) => {
    const [rows] = await database.query("SELECT VALUE accounts FROM accounts_by_name WHERE name = 'ada'");
    return rows;
  };

  for (const [moment, pattern] of [
    ["before the views are rebuilt", /DELETE `accounts_by_name`/],
    ["while they are empty", /DEFINE TABLE OVERWRITE/],
  ] as const) {
    it(`rebuilds the views if the previous run was killed ${moment}`, async () => {
      await source.query("CREATE account:bob SET name = 'ada'");
      const changes = await makeChanges(source, store);
      const killed = await replayChanges(store, changes, killedAt(pattern)).catch((error: Error) => error);
      expect(String(killed)).to.contain("killed");
      let said = 0;
      const again = await replayChanges(store, changes, target, async () => void said++);
      expect(again.differences).to.deep.equal([]);
      expect(said, "said before it wrote").to.equal(1);
      expect(await accounts(target)).to.deep.equal([2]);
      expect(await differences(source, target)).to.deep.equal([]);
    });
  }

  for (const [moment, pattern] of [
    ["after unique indexes were dropped", /BEGIN;[^]*UPSERT[^]*COMMIT/],
    ["before they are restored", /DEFINE INDEX IF NOT EXISTS/],
  ] as const) {
    it(`restores unique indexes if the previous run was killed ${moment}`, async () => {
      await source.query(`UPDATE project:one SET name = 'tmp'; UPDATE project:two SET name = 'One';
        UPDATE project:one SET name = 'Two';`);
      const changes = await makeChanges(source, store);
      let removed = false;
      const dying = new ChangedDatabase(target, (sql) => {
        if (removed && pattern.test(sql)) throw new Error("killed");
        removed ||= sql.includes("REMOVE INDEX");
        return sql;
      });
      const killed = await replayChanges(store, changes, dying).catch((error: Error) => error);
      expect(String(killed)).to.contain("killed");
      const [missing] = await target.attempt("INFO FOR INDEX project_name ON project");
      expect(missing?.ok, "the index is away").to.equal(false);

      expect((await replayChanges(store, changes, target)).differences).to.deep.equal([]);
      const [refused] = await target.attempt("CREATE project SET name = 'Two'");
      expect(refused?.ok, "unique index after the second run").to.equal(false);
      expect(await differences(source, target)).to.deep.equal([]);
      expect(await replayChanges(store, changes, target)).to.include({ written: 0 });
    });
  }

  it("detects a view that cannot match its query", async () => {
    await source.query("CREATE account:bob SET name = 'ada'");
    const deaf = new ChangedDatabase(target, (sql) => sql.replace(/^DEFINE TABLE OVERWRITE .*$/, "RETURN 1;"));
    const { differences } = await replayChanges(store, await makeChanges(source, store), deaf);
    expect(differences).to.deep.equal(["view accounts_by_name does not match its query"]);
  });
});
