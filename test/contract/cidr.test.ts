import { expect } from "chai";
import fc from "fast-check";
import { contains, formatCidr, overlaps, parseCidr, sizeOf, splitCidr, type Cidr } from "../../contract/cidr.ts";

const range = (shortest = 0, longest = 32): fc.Arbitrary<Cidr> =>
  fc
    .tuple(fc.integer({ min: shortest, max: longest }), fc.nat())
    .map(([prefix, seed]) => ({ prefix, first: (seed % 2 ** prefix) * 2 ** (32 - prefix) }));

const last = ({ first, prefix }: Cidr): number => first + sizeOf({ first, prefix }) - 1;

describe("an IPv4 range", () => {
  it("is read as it is written", () => {
    fc.assert(
      fc.property(range(), (one) => {
        expect(parseCidr(formatCidr(one))).to.deep.equal(one);
      }),
    );
    expect(parseCidr("10.64.0.0/15")).to.deep.equal({ first: 10 * 2 ** 24 + 64 * 2 ** 16, prefix: 15 });
  });

  for (const text of ["", "10.0.0.0", "10.0.0.0/33", "10.0.0.256/8", "10.0.0.1/8", "010.0.0.0/8", "10.0.0.0/08", "a/8"])
    it(`is not ${JSON.stringify(text)}`, () => expect(parseCidr(text)).to.equal(undefined));

  it("overlaps another exactly if they share an address", () => {
    fc.assert(
      fc.property(range(), range(), (one, other) => {
        const shared = Math.max(one.first, other.first) <= Math.min(last(one), last(other));
        expect(overlaps(one, other)).to.equal(shared);
        expect(overlaps(other, one)).to.equal(shared);
        // Two ranges never overlap in part.
        expect(contains(one, other) || contains(other, one)).to.equal(shared);
      }),
    );
  });

  it("is split into parts that cover it in order, without overlap", () => {
    fc.assert(
      fc.property(range(0, 24), fc.integer({ min: 0, max: 8 }), (whole, more) => {
        const parts = splitCidr(whole, whole.prefix + more);
        expect(parts).to.have.length(2 ** more);
        let next = whole.first;
        for (const part of parts) {
          expect(part.first).to.equal(next);
          expect(parseCidr(formatCidr(part))).to.deep.equal(part);
          next = last(part) + 1;
        }
        expect(next).to.equal(last(whole) + 1);
      }),
    );
  });

  it("has no parts that are larger than it, or smaller than an address", () => {
    const whole = { first: 0, prefix: 16 };
    expect(() => splitCidr(whole, 15)).to.throw("0.0.0.0/16 has no parts of length 15");
    expect(() => splitCidr(whole, 33)).to.throw("length 33");
  });
});
