import { expect } from "chai";
import type { Database } from "../../../jobs/database/client.ts";
import { importFull } from "../../../jobs/restore/import.ts";
import { replayChanges } from "../../../jobs/restore/replay.ts";
import { compareTables } from "../../../jobs/restore/verify.ts";
import { summarize } from "../../../jobs/points/summary.ts";
import { absent, freshDatabase, stopEngine } from "../support/engine.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { makeChanges, makeFull } from "../support/points.ts";
import { fill } from "../support/vapora.ts";

const options = { chunkBytes: 100_000, indexTimeoutSeconds: 30, signal: new AbortController().signal };

/** Differences between two databases, row by row, but for the table that has no feed. */
async function differences(source: Database, target: Database): Promise<string[]> {
  const [a, b] = [await summarize(await source.export()), await summarize(await target.export())];
  delete a.tables["audit"];
  delete b.tables["audit"];
  return compareTables(a.tables as never, b.tables);
}

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
    await importFull(store.asStore(), manifest, target, options);
  });
  after(stopEngine);

  it("gives the source's state: new, changed and deleted records, edges, views, every type", async () => {
    await source.query(`CREATE project:x SET name = 'x', at = time::now(), whole = 2f, dec = 1.50dec, set = [1f, 2];
      UPDATE project:one SET score = 3f, tricky = NONE; DELETE task:1; CREATE account:bob SET name = 'bob';
      CREATE task:9 SET size = 1; RELATE project:x->owns:e9->task:9 SET weight = 2f; UPDATE owns SET weight = 5;
      UPDATE ledger:7 SET payload = 'changed'; DELETE ledger WHERE n > 45; CREATE task:['a', { b: 1 }] SET size = 2;`);
    const replayed = await replayChanges(store.asStore(), await makeChanges(source, store), target);
    expect(replayed.differences).to.deep.equal([]);
    expect(await differences(source, target)).to.deep.equal([]);
  });

  it("survives unique values that wandered, also where an overlap repeats what was applied", async () => {
    await source.query(`UPDATE project:one SET name = 'tmp'; UPDATE project:two SET name = 'One'; UPDATE project:one SET name = 'Two';
      CREATE project:a SET name = 'A'; DELETE project:a; CREATE project:b SET name = 'A'; UPDATE project:b SET name = 'B';
      CREATE project:c SET name = 'A';`);
    const changes = await makeChanges(source, store);
    expect((await replayChanges(store.asStore(), changes, target)).differences).to.deep.equal([]);
    expect(await differences(source, target)).to.deep.equal([]);

    const again = await replayChanges(store.asStore(), changes, target);
    expect(again).to.include({ written: 0 }).and.have.property("differences").that.is.empty;
    const [refused] = await target.attempt("CREATE project SET name = 'Two'");
    expect(refused?.ok, "unique index after the exchange").to.equal(false);
  });

  it("says before it writes, and writes nothing when the part is not what its manifest says", async () => {
    await source.query("UPDATE project:one SET score = 3f; CREATE account:bob SET name = 'bob';");
    const manifest = await makeChanges(source, store);
    const [table] = Object.values(manifest.tables);
    if (table) table.finalStateDigest = "0".repeat(64);
    let said = 0;
    const before = await summarize(await target.export());
    const replayed = await replayChanges(store.asStore(), manifest, target, async () => void said++);
    expect(replayed.differences).to.have.length(1);
    expect(said).to.equal(0);
    expect(await summarize(await target.export())).to.deep.equal(before);
    await replayChanges(store.asStore(), await makeChanges(source, store), target, async () => void said++);
    expect(said).to.equal(1);
  });

  it("finds a record that did not come out as it should", async () => {
    // The target's field makes another value of what is written.
    await target.query("DEFINE FIELD OVERWRITE payload ON ledger TYPE string VALUE 'x' + $value");
    await source.query("UPDATE ledger:7 SET payload = 'changed'");
    const changes = await makeChanges(source, store);
    await target.query("DEFINE FIELD OVERWRITE at ON ledger TYPE datetime READONLY VALUE time::now()");
    await target.query("DEFINE TABLE OVERWRITE ledger DROP SCHEMAFULL CHANGEFEED 7d");
    const replayed = await replayChanges(store.asStore(), changes, target).catch((error: Error) => ({
      differences: [error.message],
    }));
    expect(replayed.differences.join()).to.match(/ledger/);
  });

  it("passes over a table that is gone, and what a table held before it was defined anew", async () => {
    await source.query("DEFINE TABLE gone CHANGEFEED 1d; CREATE gone:1; REMOVE TABLE gone;");
    await source.query(
      "CREATE agent:old; REMOVE TABLE agent; DEFINE TABLE agent SCHEMALESS CHANGEFEED 7d; CREATE agent:new;",
    );
    const replayed = await replayChanges(store.asStore(), await makeChanges(source, store), target);
    expect(replayed.differences).to.deep.equal([]);
    expect(await differences(source, target)).to.deep.equal([]);
  });

  it("loses nothing when it is interrupted and done again", async () => {
    await source.query(
      "UPDATE ledger SET payload = 'changed' WHERE n < 40; DELETE ledger:41; CREATE project:z SET name = 'z';",
    );
    const changes = await makeChanges(source, store);
    await target.query("UPDATE ledger:3 SET payload = 'changed'; DELETE ledger:41; DELETE ledger:5;");
    expect((await replayChanges(store.asStore(), changes, target)).differences).to.deep.equal([]);
    expect(await differences(source, target)).to.deep.equal([]);
  });
});
