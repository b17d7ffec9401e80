import { expect } from "chai";
import { bucketNameProblems } from "../../../components/kit/bucket-name.ts";
import { describeProblem, partitionOf, problem } from "../../../contract/index.ts";
import { wholeNumber } from "../../../components/kit/problems.ts";

describe("problems", () => {
  it("include location, value, rule and remedy", () => {
    const line = describeProblem(problem("days", 0, "must be 1 or more", "give 1"));
    expect(line).to.equal("days is 0, but must be 1 or more; give 1");
  });

  it("describe an absent value as missing", () => {
    expect(describeProblem(problem("x", undefined, "r", "m"))).to.contain("x is missing");
  });

  for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    it(`reject ${value} where an integer of 1 or more is required`, () => {
      expect(wholeNumber("days", value, 1, "days")).to.have.length(1);
    });
  }

  it("accept the smallest valid integer", () => {
    expect(wholeNumber("days", 1, 1, "days")).to.be.empty;
  });
});

describe("bucket names", () => {
  for (const name of ["Shop-points", "ab", "a".repeat(64), "shop_points", "shop..points", "-shop", "shop-"]) {
    it(`refuse ${name.length > 20 ? `${name.length} characters` : name}`, () => {
      expect(bucketNameProblems("namePrefix", name)).to.have.length(1);
    });
  }

  for (const name of ["shop-recovery-points-eu-west-1", "abc", "shop.points", "1-1", "a".repeat(63)]) {
    it(`accept ${name.length > 40 ? `${name.length} characters` : name}, as S3 does`, () => {
      expect(bucketNameProblems("namePrefix", name)).to.be.empty;
    });
  }
});

describe("partitionOf", () => {
  it("follows the region", () => {
    expect(["eu-west-1", "cn-north-1", "us-gov-west-1"].map(partitionOf)).to.deep.equal([
      "aws",
      "aws-cn",
      "aws-us-gov",
    ]);
  });
});
