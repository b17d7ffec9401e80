import { expect } from "chai";
import fc from "fast-check";
import { nearestName } from "../../plan/near-name.ts";

const word = fc.string({ unit: fc.constantFrom(..."abc"), maxLength: 6 });

describe("the nearest name", () => {
  for (const [written, meant] of [
    ["replicatonBound", "replicationBound"],
    ["shcedule", "schedule"],
    ["TimeZone", "timeZone"],
    ["weather", undefined],
    ["", undefined],
  ] as const) {
    it(`to ${JSON.stringify(written)} is ${meant}`, () => {
      expect(nearestName(written, ["schedule", "timeZone", "replicationBound"])).to.equal(meant);
    });
  }

  it("is symmetric, and zero only for equal names", () => {
    const exactly = () => 0;
    fc.assert(
      fc.property(word, word, fc.nat(6), (a, b, letters) => {
        const within = () => letters;
        expect(nearestName(a, [b], within) === b).to.equal(nearestName(b, [a], within) === a);
        expect(nearestName(a, [b], exactly) === b).to.equal(a === b);
        expect(nearestName(a, [b], () => Math.max(a.length, b.length))).to.equal(b);
      }),
    );
  });

  it("is the known name itself if present", () => {
    fc.assert(
      fc.property(word, fc.array(word), (name, others) => {
        expect(nearestName(name, [...others, name])).to.equal(name);
      }),
    );
  });

  it("is limited to the distance that its user allows", () => {
    expect(nearestName("prodd", ["prod"], () => 1)).to.equal("prod");
    expect(nearestName("prodd", ["prod"], () => 0)).to.equal(undefined);
  });
});
