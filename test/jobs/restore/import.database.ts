import { expect } from "chai";
import type { Database } from "../../../jobs/database/client.ts";
import { importFull } from "../../../jobs/restore/import.ts";
import { findDifferences } from "../../../jobs/restore/verify.ts";
import { absent, freshDatabase, stopEngine } from "../support/engine.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { makeFull } from "../support/points.ts";
import { fill } from "../support/vapora.ts";

const options = (chunkBytes = 20_000) => ({
  chunkBytes,
  indexTimeoutSeconds: 30,
  signal: new AbortController().signal,
});

const failure = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "",
    (error: Error) => error.message,
  );

/** The server's own import, as used by most tools. */
async function importPlainly(database: Database, text: string): Promise<number> {
  const { url, token, namespace } = database.address;
  const headers = { authorization: `Bearer ${token}`, "surreal-ns": namespace, "surreal-db": database.name };
  return (await fetch(`${url}/import`, { method: "POST", headers, body: text })).status;
}

describe("importing a recovery point", () => {
  let source: Database;
  let store: MemoryStore;
  before(async () => {
    source = await freshDatabase();
    await fill(source, 700);
    await source.query(`REMOVE ACCESS account ON DATABASE`); // the test would have to supply the key
    store = new MemoryStore();
  });
  after(stopEngine);

  it("produces the same database with chunks of any size", async () => {
    const manifest = await makeFull(source, store);
    for (const chunkBytes of [1, 5_000, 10_000_000]) {
      const target = absent(source);
      await importFull(store, manifest, target, options(chunkBytes));
      expect(await findDifferences(target, manifest), `chunks of ${chunkBytes}`).to.deep.equal([]);
    }
  });

  it("stops at a failed statement, where the plain import reports success", async () => {
    const twice = (text: string) => text.replace("id: ledger:2,", "id: ledger:1,");
    const manifest = await makeFull(source, store, twice);

    const plain = await freshDatabase();
    const text = (await collect(await source.export())).replace("id: ledger:2,", "id: ledger:1,");
    expect(await importPlainly(plain, text)).to.equal(200);
    const [count] = await plain.query("SELECT VALUE count() FROM ledger GROUP ALL");
    expect(count).not.to.deep.equal([700]);

    const message = await failure(importFull(store, manifest, absent(source), options()));
    expect(message).to.match(/statements failed: .*already exists/);
  });

  it("rejects an existing database", async () => {
    const manifest = await makeFull(source, store);
    expect(await failure(importFull(store, manifest, source, options()))).to.contain("already exists");
  });

  it("rejects an export truncated between or within statements", async () => {
    const inside = await makeFull(source, store, (text) => text.slice(0, text.indexOf("INSERT") + 20));
    expect(await failure(importFull(store, inside, absent(source), options()))).to.contain("middle of a statement");

    const between = await makeFull(source, store, (text) => text.slice(0, text.indexOf("-- TABLE: ledger")));
    const target = absent(source);
    await importFull(store, between, target, options());
    expect(await findDifferences(target, between)).to.include("table ledger is missing");
  });

  it("is compared byte for byte: a lost row, a changed one and a lost index are reported", async () => {
    const manifest = await makeFull(source, store);
    const target = absent(source);
    await importFull(store, manifest, target, options());
    await target.query("DELETE ledger:3");
    expect(await findDifferences(target, manifest)).to.deep.equal(["table ledger has 699 rows, expected 700"]);
    await target.query("CREATE ledger:3 SET n = 3, at = time::now(), payload = ''");
    expect(await findDifferences(target, manifest)).to.deep.equal(["table ledger has 700 rows with different content"]);
    await target.query("REMOVE INDEX project_name ON project");
    expect(await findDifferences(target, manifest)).to.include("definitions of TABLE: project differ");
  });

  it("restores working indexes", async () => {
    const manifest = await makeFull(source, store);
    const target = absent(source);
    await importFull(store, manifest, target, options());
    const [again] = await target.attempt("CREATE project SET name = 'One'");
    expect(again?.ok).to.equal(false);
  });

  it("leaves views to the engine, where the plain import silently turns them into unmaintained tables", async () => {
    const [viewed, plain] = [await freshDatabase(), await freshDatabase()];
    await viewed.query(`DEFINE TABLE account SCHEMALESS; CREATE account:ada SET name = 'ada';
      DEFINE TABLE a_view AS SELECT count() AS accounts, name FROM account GROUP BY name;`);
    expect(await importPlainly(plain, await collect(await viewed.export()))).to.equal(200);
    const write = "CREATE account:eve SET name = 'ada'";
    await plain.query(write);

    const manifest = await makeFull(viewed, store);
    const target = absent(viewed);
    await importFull(store, manifest, target, options());
    expect(await findDifferences(target, manifest)).to.deep.equal([]);
    await target.query(write);
    const [view] = await target.query("SELECT VALUE accounts FROM a_view");
    expect(view).to.deep.equal([2]);
    const [stale] = await plain.query("SELECT VALUE accounts FROM a_view");
    expect(stale, "with the plain import").to.deep.equal([1]);
  });

  it("ends when aborted", async () => {
    const manifest = await makeFull(source, store);
    const signal = AbortSignal.abort(new Error("enough"));
    expect(await failure(importFull(store, manifest, absent(source), { ...options(), signal }))).to.equal("enough");
  });
});

async function collect(stream: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
