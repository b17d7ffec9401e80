import { expect } from "chai";
import fc from "fast-check";
import { Float, type Fields } from "../../../jobs/wire/cbor.ts";
import type { Database } from "../../../jobs/database/client.ts";
import { readDefinitions } from "../../../jobs/database/definitions.ts";
import { compareViews, rebuildViews, sameRows, viewsOf } from "../../../jobs/restore/views.ts";
import { freshDatabase, stopEngine } from "../support/engine.ts";

describe("rows of a view", () => {
  const value = fc.oneof(fc.integer(), fc.string(), fc.double({ noNaN: true }), fc.constant(new Float(2)));
  const rows = fc.array(fc.dictionary(fc.constantFrom("a", "b", "c"), value));

  it("are the same in any order", () => {
    fc.assert(
      fc.property(rows, fc.integer(), (list, seed) => {
        const mixed = list
          .toSorted((a, b) => JSON.stringify([seed, a]).length - JSON.stringify([seed, b]).length)
          .reverse();
        expect(sameRows(list as Fields[], mixed as Fields[])).to.equal(true);
      }),
    );
  });

  it("may differ in the last digit of a float and in nothing else", () => {
    expect(sameRows([{ n: 1, sum: 0.1 + 0.2 }], [{ n: 1, sum: 0.3 }])).to.equal(true);
    expect(sameRows([{ mean: 1.9999999999999998 }], [{ mean: new Float(2) }])).to.equal(true);
    expect(sameRows([{ n: 1, sum: 0.3 }], [{ n: 1, sum: 0.31 }])).to.equal(false);
    expect(sameRows([{ n: 1 }], [{ n: 2 }])).to.equal(false);
    expect(sameRows([{ n: 2 }], [{ n: new Float(2) }])).to.equal(false);
    expect(sameRows([{ n: 1 }], [{ n: 1 }, { n: 1 }])).to.equal(false);
    expect(sameRows([{ a: 0.5, b: "x" }, { a: 0.7, b: "y" }], [{ a: 0.7, b: "x" }, { a: 0.5, b: "y" }])).to.equal(false); // prettier-ignore
  });
});

describe("views of a restored database", () => {
  let database: Database;
  beforeEach(async () => {
    database = await freshDatabase();
    await database.query(`DEFINE TABLE sale; CREATE sale:1 SET what = 'tea', sum = 1.1; CREATE sale:2 SET what = 'tea', sum = 2.2;
      DEFINE TABLE by_what AS SELECT what, count() AS sales, math::sum(sum) AS sum, math::mean(sum) AS mean FROM sale GROUP BY what;
      DEFINE TABLE kinds AS SELECT count() AS kinds FROM by_what GROUP ALL;
      DEFINE TABLE large AS SELECT id, sum FROM sale WHERE sum > 2;
      DEFINE TABLE moments AS SELECT what, count() AS sales, time::now() AS at FROM sale GROUP BY what;`);
  });
  after(stopEngine);

  it("follow those that they depend on", async () => {
    const definitions = await readDefinitions(database);
    expect(viewsOf(definitions, ["sale"])).to.have.members(["by_what", "kinds", "large", "moments"]);
    const order = viewsOf(definitions, ["sale"]);
    expect(order.indexOf("kinds")).to.be.above(order.indexOf("by_what"));
    expect(viewsOf(definitions, ["by_what"])).to.deep.equal(["kinds"]);
  });

  it("differ after an import that skipped them, and match after a rebuild", async () => {
    const definitions = await readDefinitions(database);
    const views = viewsOf(definitions, ["sale"]);
    expect(await compareViews(database, definitions, views)).to.deep.equal({ different: [], unsure: [] });
    await database.query("OPTION IMPORT; UPDATE sale:2 SET sum = 3.3; CREATE sale:3 SET what = 'milk', sum = 0.1;");
    const { different } = await compareViews(database, definitions, views);
    expect(different).to.have.members(["by_what", "large", "moments"]);
    await rebuildViews(database, definitions, views);
    expect(await compareViews(database, definitions, views)).to.deep.equal({ different: [], unsure: [] });
    expect((await readDefinitions(database)).digest).to.equal(definitions.digest);
    expect(await database.query("SELECT VALUE kinds FROM kinds")).to.deep.equal([[2]]);
  });
});
