import { expect } from "chai";
import fc from "fast-check";
import {
  contains,
  formatCidr,
  networkRangeProblem,
  overlaps,
  parseCidr,
  siteNetwork,
  sizeOf,
  subnetRanges,
  type Cidr,
} from "../../contract/index.ts";

/** Ranges that the configuration accepts. */
const accepted = fc
  .tuple(fc.integer({ min: 15, max: 19 }), fc.nat())
  .map(([prefix, seed]) =>
    formatCidr({ prefix, first: 10 * 2 ** 24 + (seed % 2 ** (prefix - 8)) * 2 ** (32 - prefix) }),
  );

const read = (text: string): Cidr => parseCidr(text) ?? expect.fail(`${text} is not a range`);

describe("the sites' networks", () => {
  it("are halves of the range: they never overlap, and are no larger than a VPC may be", () => {
    fc.assert(
      fc.property(accepted, (range) => {
        expect(networkRangeProblem(range)).to.equal(undefined);
        const [primary, alternate] = [read(siteNetwork(range, "primary")), read(siteNetwork(range, "alternate"))];
        expect(overlaps(primary, alternate)).to.equal(false);
        for (const own of [primary, alternate]) {
          expect(contains(read(range), own)).to.equal(true);
          expect(own.prefix).to.be.within(16, 20);
        }
      }),
    );
  });

  it("of different ranges overlap only where the ranges do", () => {
    fc.assert(
      fc.property(accepted, accepted, (one, other) => {
        fc.pre(!overlaps(read(one), read(other)));
        expect(overlaps(read(siteNetwork(one, "primary")), read(siteNetwork(other, "alternate")))).to.equal(false);
      }),
    );
  });

  it("have subnets in three zones that never overlap, and that are as large as AWS and pods need", () => {
    fc.assert(
      fc.property(accepted, fc.constantFrom("primary", "alternate"), (range, site) => {
        const network = siteNetwork(range, site);
        const ranges = subnetRanges(network);
        expect([ranges.private.length, ranges.public.length]).to.deep.equal([3, 3]);
        const all = [...ranges.private, ...ranges.public].map(read);
        for (const [index, subnet] of all.entries()) {
          expect(contains(read(network), subnet)).to.equal(true);
          expect(sizeOf(subnet)).to.be.at.least(256);
          for (const other of all.slice(index + 1)) expect(overlaps(subnet, other)).to.equal(false);
        }
        for (const nodes of ranges.private) expect(sizeOf(read(nodes))).to.be.at.least(1024);
      }),
    );
  });

  it("are those of the documentation", () => {
    expect(siteNetwork("10.64.0.0/15", "primary")).to.equal("10.64.0.0/16");
    expect(siteNetwork("10.64.0.0/15", "alternate")).to.equal("10.65.0.0/16");
    expect(subnetRanges("10.64.0.0/16")).to.deep.equal({
      private: ["10.64.0.0/18", "10.64.64.0/18", "10.64.128.0/18"],
      public: ["10.64.192.0/20", "10.64.208.0/20", "10.64.224.0/20"],
    });
  });
});
