import { expect } from "chai";
import { lossOf, whyLossTooHigh, type Loss } from "../../../jobs/standby/loss.ts";

const now = Date.parse("2026-11-23T12:00:00Z");
const point = { slot: "20261123T110000Z", snapshotAt: "2026-11-23T11:00:00.000Z" };
const loss = (changed: Partial<Loss> = {}): Loss => ({
  ageSeconds: 3600,
  behindSeconds: 0,
  acceptedSeconds: 3600,
  ...changed,
});

describe("the loss of a promotion", () => {
  it("is measured from the snapshot, and against the newest recovery point in the bucket", () => {
    const limits = { acceptedSeconds: 60, now };
    expect(lossOf(point, { behindSeconds: 7 }, limits)).to.deep.equal({
      ...loss({ behindSeconds: 7 }),
      acceptedSeconds: 60,
    });
  });

  it("may equal the accepted loss", () => expect(whyLossTooHigh(point, loss(), now)).to.equal(undefined));

  for (const [what, changed, reason] of [
    ["an older recovery point", { ageSeconds: 3601 }, /60 min old, accepted loss is 60 min/],
    ["an unknown age", { ageSeconds: Number.NaN }, /old/],
    [
      "a recovery point far behind the bucket, whatever the clock",
      { ageSeconds: 0, behindSeconds: 4000 },
      /67 min behind the newest/,
    ],
    ["a short limit", { acceptedSeconds: 90 }, /60 min old, accepted loss is 90 s/],
  ] as const) {
    it(`is rejected with ${what}`, () => {
      expect(whyLossTooHigh(point, loss(changed), now))
        .to.match(reason)
        .and.to.match(/--accept-data-loss$/);
      expect(whyLossTooHigh(point, loss({ ...changed, acceptedSeconds: "any" }), now)).to.equal(undefined);
    });
  }

  it("is unknown for a future recovery point", () => {
    const ahead = { ...point, snapshotAt: "2026-11-23T12:02:00.000Z" };
    expect(whyLossTooHigh(ahead, loss({ ageSeconds: -120 }), now)).to.match(/in the future.*correct the clock/);
    const skewed = { ...point, snapshotAt: "2026-11-23T12:00:30.000Z" };
    expect(whyLossTooHigh(skewed, loss({ ageSeconds: -30 }), now)).to.equal(undefined);
  });
});
