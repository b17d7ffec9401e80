import { expect } from "chai";
import fc from "fast-check";
import { epochLimit, highestEpoch, isCredibleEpoch, newestRecord } from "../../../jobs/points/epochs.ts";

describe("epochs", () => {
  it("are counted from the highest credible one, and from 0 where there is none", () => {
    expect(highestEpoch([])).to.equal(0);
    expect(highestEpoch([3, 1, 2])).to.equal(3);
    expect(highestEpoch([3, epochLimit, epochLimit - 1, 4.5, -7, Number.NaN, Infinity])).to.equal(3);
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.integer(), fc.double())), (epochs) => {
        const highest = highestEpoch(epochs);
        expect(isCredibleEpoch(highest + 1) || highest === epochLimit - 2).to.equal(true);
        expect(epochs.some((epoch) => isCredibleEpoch(epoch) && epoch > highest)).to.equal(false);
      }),
    );
  });

  it("name the newest of several records; of two with one epoch the first", () => {
    const [one, two, rival] = [{ epoch: 1 }, { epoch: 2 }, { epoch: 2 }];
    expect(newestRecord([undefined, one, two, rival])).to.equal(two);
    expect(newestRecord([undefined])).to.equal(undefined);
  });
});
