import { expect } from "chai";
import { fenceToleranceSeconds } from "../../../jobs/points/clock.ts";
import { isDiverged, whyPending } from "../../../jobs/points/validity.ts";

const since = "2026-11-23T10:00:00.000Z";
const writer = { site: "alternate" as const, epoch: 2, since };

describe("the validity of a recovery point", () => {
  for (const [what, seconds, expected] of [
    ["before the record", -1, false],
    ["before the guard of its site has read the record", fenceToleranceSeconds, false],
    ["after that", fenceToleranceSeconds + 1, true],
  ] as const) {
    it(`${expected ? "has diverged" : "is valid"} if written by the previous writer ${what}`, () => {
      const snapshotAt = new Date(Date.parse(since) + seconds * 1000).toISOString();
      expect(isDiverged({ site: "primary", epoch: 1, snapshotAt }, writer)).to.equal(expected);
    });
  }

  for (const [epoch, record, reason] of [
    [1, undefined, undefined],
    [2, undefined, "its epoch is 2, but there is no writer record"],
    [2, writer, undefined],
    [3, writer, "its epoch is 3, but the writer record has epoch 2"],
  ] as const) {
    it(`${reason ? "is pending" : "is decided"} in epoch ${epoch} with ${record ? "a record of 2" : "no record"}`, () =>
      expect(whyPending({ epoch }, record)).to.equal(reason));
  }
});
