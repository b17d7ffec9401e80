import { expect } from "chai";
import { ManifestError, parseManifest } from "../../../jobs/points/manifest.ts";

const shared = {
  format: 1,
  snapshotAt: "2026-11-23T10:00:00.000Z",
  finishedAt: "2026-11-23T10:00:01.000Z",
  database: { namespace: "vapora", name: "main", version: "3" },
  writer: { site: "primary", epoch: 1 },
  parts: [],
  tablesWithoutFeed: [],
  sequences: {},
  encryption: { algorithm: "none" },
};
const digest = "0".repeat(64);
const full = {
  ...shared,
  kind: "full",
  slot: "20261123T100000Z",
  parent: null,
  feedPosition: "0",
  rows: 0,
  tables: {},
  definitions: { digest, sections: {}, leftOut: [] },
  accesses: [],
};
const changes = {
  ...shared,
  kind: "changes",
  slot: "20261123T101000Z",
  full: full.slot,
  parent: { kind: "full", slot: full.slot },
  fromVersionstamp: "0",
  toVersionstamp: "0",
  definitionsDigest: digest,
  changesets: 0,
  changes: 0,
  tables: {},
};
const suspicious = { since: `full ${full.slot}`, reasons: ["table project has 10 rows, 20 in the point before"] };

const parsed = (content: object) => parseManifest("points/x/manifest.json", JSON.stringify(content));

describe("a manifest", () => {
  for (const manifest of [full, changes]) {
    it(`of kind ${manifest.kind} may have a suspicion mark, and is readable without one`, () => {
      expect(parsed({ ...manifest, suspicious })).to.deep.equal({ ...manifest, suspicious });
      expect(parsed(manifest)).to.deep.equal(manifest);
    });

    it(`of kind ${manifest.kind} is rejected if its mark lacks a reason or a recovery point`, () => {
      for (const wrong of [
        { ...suspicious, reasons: [] },
        { ...suspicious, since: full.slot },
      ]) {
        expect(() => parsed({ ...manifest, suspicious: wrong })).to.throw(ManifestError, "suspicious");
      }
    });
  }

  it("of changes may contain row counts per table", () => {
    const rowCounts = { project: 12 };
    expect(parsed({ ...changes, rowCounts })).to.deep.equal({ ...changes, rowCounts });
  });
});
