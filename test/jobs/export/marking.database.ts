import { expect } from "chai";
import type { Database } from "../../../jobs/database/client.ts";
import { exportChangesOrFull } from "../../../jobs/export/changes.ts";
import { exportFull } from "../../../jobs/export/full.ts";
import type { Manifest } from "../../../jobs/points/manifest.ts";
import { slotOf } from "../../../jobs/points/slot.ts";
import { stopExporters, makeExporter, type Exporter } from "../support/exporter.ts";
import { freshDatabase } from "../support/engine.ts";
import { fill } from "../support/vapora.ts";

describe("a recovery point of a database that shrank", () => {
  let database: Database;
  let exporter: Exporter;
  let made: number;
  beforeEach(async () => {
    database = await freshDatabase();
    await fill(database, 100);
    exporter = makeExporter(database, { SUSPICIOUS_SHRINK_ROWS: "50" });
    made = 0;
  });
  after(stopExporters);

  /** Exports the next recovery point as if a second had passed. */
  async function next(kind: Manifest["kind"]): Promise<Manifest> {
    const { source, settings, context, store } = exporter;
    const slot = slotOf(new Date(Date.now() + 1000 * (made++ - 100)));
    const write = kind === "full" ? exportFull : exportChangesOrFull;
    const result = await write(source, slot, settings, context);
    const written = String(result["slot"]);
    const manifest = await (result["kind"] === "full"
      ? store.manifest("full", written)
      : store.manifest("changes", written));
    expect(result["suspicious"], "result line").to.deep.equal(manifest?.suspicious);
    if (!manifest) throw new Error("no manifest");
    return manifest;
  }

  it("is kept, complete and readable, but marked and logged by both kinds of export", async () => {
    const first = await next("full");
    expect((await next("changes")).suspicious).to.equal(undefined);
    await database.query("DELETE ledger WHERE n > 50 RETURN NONE");
    const changes = await next("changes");
    expect(changes).to.have.nested.property("rowCounts.ledger", 50);
    expect(changes).not.to.have.nested.property("rowCounts.accounts_by_name");
    expect(changes.suspicious).to.deep.equal({
      since: `changes ${changes.slot}`,
      reasons: [`table ledger has 50 rows, 100 in point full ${first.slot}: more than 10 % are missing`],
    });
    expect(exporter.lines.join()).to.contain(`point ${changes.slot} is suspicious since changes ${changes.slot}`);
    const full = await next("full");
    expect(full).to.include({ kind: "full", rows: 61 });
    expect(full.suspicious?.since).to.equal(`changes ${changes.slot}`);
  });

  it("is marked too if a table was removed, which changes alone cannot show", async () => {
    const first = await next("full");
    await database.query("REMOVE TABLE ledger");
    const point = await next("changes");
    expect(point.kind).to.equal("full");
    expect(point.suspicious?.reasons).to.deep.equal([
      `table ledger is gone, 100 in point full ${first.slot}: more than 10 % are missing`,
    ]);
  });

  it("ends the series when the loss is accepted or the rows are back", async () => {
    await next("full");
    await database.query("DELETE ledger WHERE n > 80 RETURN NONE");
    const { suspicious } = await next("changes");
    await database.query("DELETE ledger WHERE n > 70 RETURN NONE");
    const series = await next("changes");
    expect(series.suspicious?.since).to.equal(suspicious?.since);
    const key = `control/decisions/${suspicious?.since.replace(" ", "-")}.json`;
    await exporter.store.putJson(key, { decision: "accept", by: "a", at: new Date().toISOString(), reason: "purge" });
    expect((await next("changes")).suspicious).to.equal(undefined);
    await database.query("DELETE ledger WHERE n > 60 RETURN NONE");
    const anew = await next("changes");
    expect(anew.suspicious?.since).to.equal(`changes ${anew.slot}`);
    await database.query("INSERT INTO ledger (SELECT VALUE { id: type::record('ledger', $this), n: $this, at: time::now(), payload: '' } FROM array::range(61, 71)) RETURN NONE"); // prettier-ignore
    expect((await next("full")).suspicious).to.equal(undefined);
  });

  it("records the rate of each sequence since the previous recovery point", async () => {
    await next("full");
    await new Promise((resolve) => setTimeout(resolve, 1050));
    await database.query("FOR $i IN 1..300 { sequence::nextval('ticket') }");
    const { perSecond } = (await next("changes")).sequences["ticket"] ?? {};
    expect(perSecond).to.be.within(100, 300);
  });
});
