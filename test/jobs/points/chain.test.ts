import { expect } from "chai";
import fc from "fast-check";
import { followParents } from "../../../jobs/points/chain.ts";
import type { ChangesManifest, FullManifest } from "../../../jobs/points/manifest.ts";

const full = { kind: "full", slot: "20261123T100000Z" } as FullManifest;
const point = (minute: number, parent: ChangesManifest | FullManifest) =>
  ({
    kind: "changes",
    slot: `20261123T10${String(minute).padStart(2, "0")}00Z`,
    full: full.slot,
    parent: { kind: parent.kind, slot: parent.slot },
    snapshotAt: `2026-11-23T10:${String(minute).padStart(2, "0")}:00.000Z`,
  }) as ChangesManifest;

describe("the chain after a full export", () => {
  const first = point(10, full);
  const second = point(20, first);
  const third = point(30, second);

  it("follows the parents regardless of listing order", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([first, second, third], { minLength: 3 }), (points) => {
        expect(followParents(full, points)).to.deep.equal([first, second, third]);
      }),
    );
  });

  it("ends before a recovery point whose parent has not arrived", () => {
    expect(followParents(full, [first, third])).to.deep.equal([first]);
    expect(followParents(full, [second, third])).to.deep.equal([]);
  });

  it("uses of two recovery points with the same parent the continued one, otherwise the newer", () => {
    const rival = point(11, full);
    expect(followParents(full, [rival, first, second])).to.deep.equal([first, second]);
    expect(followParents(full, [first, rival])).to.deep.equal([rival]);
  });

  it("terminates on a cycle of parents", () => {
    const circle = { ...first, parent: { kind: "changes", slot: first.slot } } as ChangesManifest;
    expect(followParents(full, [circle])).to.deep.equal([]);
  });
});
