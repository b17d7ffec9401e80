import { expect } from "chai";
import {
  findCountDifferences,
  findEmptiness,
  findMissingLock,
  findMissingTables,
  findShrinking,
} from "../../../jobs/export/checks.ts";
import type { FullManifest } from "../../../jobs/points/manifest.ts";
import type { ExportSummary } from "../../../jobs/points/summary.ts";

const summaryOf = (rows: Record<string, number>): ExportSummary => ({
  tables: Object.fromEntries(Object.entries(rows).map(([name, count]) => [name, { rows: count, digest: "" }])),
  sections: Object.fromEntries(Object.keys(rows).map((name) => [`TABLE: ${name}`, ""])),
});
const previousOf = (rows: Record<string, number>) => {
  const tables = Object.fromEntries(
    Object.entries(rows).map(([name, count]) => [name, { rows: count, digest: "", feed: true, view: false }]),
  );
  const sum = Object.values(rows).reduce((a, b) => a + b, 0);
  return { slot: "20261123T100000Z", rows: sum, tables } as unknown as FullManifest;
};

describe("checks of an export", () => {
  it("misses a table, its data or its definition", () => {
    const good = summaryOf({ a: 1, b: 2 });
    expect(findMissingTables(["a", "b"], ["a", "b"], good)).to.deep.equal([]);
    expect(findMissingTables(["a", "b", "c"], ["a", "b", "c"], good)).to.have.length(1);
    expect(findMissingTables(["a"], ["a"], { ...good, sections: {} })).to.have.length(2);
    delete good.sections["TABLE: b"];
    expect(findMissingTables(["a", "b"], ["a", "b"], good)).to.have.length(1);
  });

  it("refuses an export of nothing", () => {
    expect(findEmptiness(summaryOf({}))).to.have.length(1);
    expect(findEmptiness(summaryOf({ a: 0 }))).to.deep.equal([]);
  });

  it("accepts only row counts that writes in between explain", () => {
    const summary = summaryOf({ a: 10 });
    expect(findCountDifferences(summary, { a: 10 }, { a: 10 })).to.deep.equal([]);
    expect(findCountDifferences(summary, { a: 9 }, { a: 12 })).to.deep.equal([]);
    expect(findCountDifferences(summary, { a: 11 }, { a: 12 })).to.have.length(1);
    expect(findCountDifferences(summary, { a: 9 }, { a: 9 })).to.have.length(1);
    expect(findCountDifferences(summary, { a: 11 }, { a: 11 }, { a: 1 })).to.deep.equal([]);
    expect(findCountDifferences(summary, { a: 12 }, { a: 12 }, { a: 1 })).to.have.length(1);
  });

  it("leaves tables alone that appeared or vanished meanwhile", () => {
    expect(findCountDifferences(summaryOf({ a: 10 }), {}, { a: 99 })).to.deep.equal([]);
  });

  it("refuses a sudden loss of rows, of all or of a large table", () => {
    const limits = { minimumRatio: 0.5, guardRows: 100 };
    const previous = previousOf({ large: 1000, small: 10, other: 2000 });
    expect(findShrinking(summaryOf({ large: 500, small: 10, other: 2000 }), previous, limits)).to.deep.equal([]);
    expect(findShrinking(summaryOf({ large: 499, small: 10, other: 2000 }), previous, limits)).to.have.length(1);
    expect(findShrinking(summaryOf({ large: 1000, small: 0, other: 2000 }), previous, limits)).to.deep.equal([]);
    expect(findShrinking(summaryOf({}), previous, limits)).to.have.length(3);
    expect(findShrinking(summaryOf({}), previous, { ...limits, minimumRatio: 0 })).to.deep.equal([]);
    expect(findShrinking(summaryOf({}), undefined, limits)).to.deep.equal([]);
  });

  it("refuses an object that is not locked, or not for long enough", () => {
    const now = new Date("2026-11-23T10:00:00Z");
    const days = (count: number) => new Date(now.getTime() + count * 86_400_000);
    expect(findMissingLock(undefined, 30, now)).to.have.length(1);
    expect(findMissingLock(days(28), 30, now)).to.have.length(1);
    expect(findMissingLock(days(30), 30, now)).to.deep.equal([]);
    expect(findMissingLock(undefined, 0, now)).to.deep.equal([]);
  });
});
