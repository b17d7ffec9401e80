import { expect } from "chai";
import fc from "fast-check";
import { bytesOf } from "../../contract/index.ts";

describe("a size", () => {
  it("is compared across units", () => {
    expect(bytesOf("1Gi")).to.equal(bytesOf("1024Mi"));
    expect(bytesOf("1Ti")).to.equal(1024 * bytesOf("1Gi"));
    fc.assert(fc.property(fc.integer({ min: 1, max: 4096 }), (n) => bytesOf(`${n}Gi`) === n * 2 ** 30));
  });

  it("that is none compares as neither larger nor smaller", () => {
    for (const written of ["", "50", "50G", "0Gi", "-1Gi", "1.5Gi", "50 Gi", "50Gib"]) {
      expect(bytesOf(written), written).to.be.NaN;
    }
  });
});
