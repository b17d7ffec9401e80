import { expect } from "chai";
import fc from "fast-check";
import {
  findCountDifferences,
  findEmptiness,
  findLoss,
  findMissingLock,
  findMissingTables,
} from "../../../jobs/export/checks.ts";
import type { ExportSummary } from "../../../jobs/points/summary.ts";

const summaryOf = (rows: Record<string, number>): ExportSummary => ({
  tables: Object.fromEntries(Object.entries(rows).map(([name, count]) => [name, { rows: count, digest: "" }])),
  sections: Object.fromEntries(Object.keys(rows).map((name) => [`TABLE: ${name}`, ""])),
});
describe("checks of an export", () => {
  it("detect a missing table, table data or definition", () => {
    const good = summaryOf({ a: 1, b: 2 });
    expect(findMissingTables(["a", "b"], ["a", "b"], good)).to.deep.equal([]);
    expect(findMissingTables(["a", "b", "c"], ["a", "b", "c"], good)).to.have.length(1);
    expect(findMissingTables(["a"], ["a"], { ...good, sections: {} })).to.have.length(2);
    delete good.sections["TABLE: b"];
    expect(findMissingTables(["a", "b"], ["a", "b"], good)).to.have.length(1);
  });

  it("reject an empty export", () => {
    expect(findEmptiness(summaryOf({}))).to.have.length(1);
    expect(findEmptiness(summaryOf({ a: 0 }))).to.deep.equal([]);
  });

  it("accept only row counts between those before and after, regardless of updates", () => {
    const summary = summaryOf({ a: 10 });
    expect(findCountDifferences(summary, { a: 10 }, { a: 10 })).to.deep.equal([]);
    expect(findCountDifferences(summary, { a: 9 }, { a: 12 })).to.deep.equal([]);
    expect(findCountDifferences(summary, { a: 11 }, { a: 12 })).to.have.length(1);
    expect(findCountDifferences(summary, { a: 9 }, { a: 9 })).to.have.length(1);
  });

  it("accept deletions as the reason for missing rows, and for rows deleted again afterwards", () => {
    const summary = summaryOf({ a: 10 });
    expect(findCountDifferences(summary, { a: 11 }, { a: 11 }, { a: 1 }), "deleted and created anew").to.be.empty;
    expect(findCountDifferences(summary, { a: 9 }, { a: 9 }, { a: 1 }), "created and deleted").to.be.empty;
    expect(findCountDifferences(summary, { a: 12 }, { a: 12 }, { a: 1 })).to.have.length(1);
    expect(findCountDifferences(summary, { a: 12 }, { a: 11 }, { a: 1 }), "one of two deletions").to.have.length(1);
    expect(findCountDifferences(summary, { a: 11 }, { a: 9 }), "a table without a feed").to.be.empty;
  });

  it("never reject a correct export, and detect any loss beyond the deletions", () => {
    const change = fc.record({ id: fc.nat(8), exists: fc.boolean() });
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(8)), fc.array(change), fc.array(change), (start, first, second) => {
        const [ids, deleted] = [new Set(start), new Set<number>()];
        const apply = ({ id, exists }: { id: number; exists: boolean }) => {
          if (!exists && ids.delete(id)) deleted.add(id);
          if (exists) ids.add(id);
        };
        const before = ids.size;
        first.forEach(apply);
        const inExport = ids.size;
        second.forEach(apply);
        const judge = (rows: number) =>
          findCountDifferences(summaryOf({ a: rows }), { a: before }, { a: ids.size }, { a: deleted.size });
        expect(judge(inExport)).to.deep.equal([]);
        expect(judge(before - deleted.size - 1)).to.have.length(1);
      }),
    );
  });

  it("ignore tables created or removed meanwhile", () => {
    expect(findCountDifferences(summaryOf({ a: 10 }), {}, { a: 99 })).to.deep.equal([]);
  });

  it("reject an export with a small share of the database's rows, whatever explains it", () => {
    const limits = { countFloorRatio: 0.5, guardRows: 100 };
    const counts = { large: 1000, small: 99 };
    const judge = (rows: Record<string, number>, after = counts) => findLoss(summaryOf(rows), counts, after, limits);
    expect(judge({ large: 500, small: 0 })).to.deep.equal([]);
    expect(judge({ large: 499, small: 0 })).to.deep.equal([
      "table large has 499 rows in the export, below 0.5 of the 1000 in the database",
    ]);
    // Half of the table is really gone: that is for the suspicion check.
    expect(judge({ large: 400 }, { large: 300, small: 99 })).to.deep.equal([]);
    expect(findLoss(summaryOf({ large: 0 }), counts, counts, { ...limits, countFloorRatio: 0 })).to.deep.equal([]);
    expect(findLoss(summaryOf({ late: 5 }), {}, {}, limits), "appeared meanwhile").to.deep.equal([]);
  });

  it("reject an object that is not locked, or not for long enough", () => {
    const now = new Date("2026-11-23T10:00:00Z");
    const days = (count: number) => new Date(now.getTime() + count * 86_400_000);
    expect(findMissingLock(undefined, 30, now)).to.have.length(1);
    expect(findMissingLock(days(28), 30, now)).to.have.length(1);
    expect(findMissingLock(days(30), 30, now)).to.deep.equal([]);
    expect(findMissingLock(undefined, 0, now)).to.deep.equal([]);
  });
});
