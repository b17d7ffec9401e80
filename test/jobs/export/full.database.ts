import { expect } from "chai";
import { Database } from "../../../jobs/database/client.ts";
import { exportFull } from "../../../jobs/export/full.ts";
import { stopExporters, makeExporter } from "../support/exporter.ts";
import { freshDatabase } from "../support/engine.ts";
import { fill } from "../support/vapora.ts";

const slot = "20261123T100000Z";

/** An export that loses a row of the ledger during concurrent writes. */
class LosingDatabase extends Database {
  private readonly meanwhile: string;

  constructor(database: Database, meanwhile: string) {
    super(database.address, database.name);
    this.meanwhile = meanwhile;
  }

  override async export(): Promise<AsyncIterable<Buffer>> {
    const pieces: Buffer[] = [];
    for await (const piece of await super.export()) pieces.push(piece);
    await this.query(this.meanwhile);
    const text = Buffer.concat(pieces)
      .toString()
      .replace(/\{ at: [^{}]*, id: ledger:7, [^{}]*\}, /, "");
    return (async function* () {
      yield Buffer.from(text);
    })();
  }
}

describe("a full export", () => {
  let database: Database;
  beforeEach(async () => {
    database = await freshDatabase();
    await fill(database, 50);
  });
  after(stopExporters);

  const exported = (meanwhile: string) => {
    const { source, settings, context } = makeExporter(database);
    const lossy = { ...source, database: new LosingDatabase(database, meanwhile) };
    return exportFull(lossy, slot, settings, context).catch((error: Error) => error.message);
  };

  it("is rejected if it lost a row, however many records were updated meanwhile", async () => {
    const busy =
      "UPDATE ledger SET payload = 'changed' RETURN NONE; UPSERT ledger:8 SET payload = 'again' RETURN NONE;";
    expect(await exported(busy)).to.match(
      /table ledger has 49 rows in the export, but the database had 50 before and 50 after it/,
    );
  });

  it("is accepted if as many records were deleted, and others created, meanwhile", async () => {
    const row = "CREATE ledger:91 SET n = 91, at = time::now(), payload = '' RETURN NONE;";
    expect(await exported(`DELETE ledger:7; ${row}`)).to.include({ kind: "full", rows: 60 });
  });
});
