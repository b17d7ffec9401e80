import { expect } from "chai";
import fc from "fast-check";
import { equal, hasSecret, hasUnknown, isSecret, plain, secret, unknown, type Json } from "../../providers/values.ts";

const json = fc.jsonValue().map((value) => value as Json);
const output = (members: Record<string, Json>): Json => ({
  "4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4",
  ...members,
});

describe("values", () => {
  it("unwraps secrets at every depth, also secrets within secrets", () => {
    const wrapped = { list: [secret({ inner: secret("x") }), 1], none: null };
    expect(plain(wrapped)).to.deep.equal({ list: [{ inner: "x" }, 1], none: null });
    expect(hasSecret(wrapped)).to.equal(true);
    expect(hasSecret(plain(wrapped))).to.equal(false);
  });

  it("wraps a secret once only", () => {
    expect(secret(secret("x"))).to.deep.equal(secret("x"));
    expect(isSecret(secret("x"))).to.equal(true);
  });

  it("takes an output without a value for unknown, and a secret output for a secret", () => {
    expect(plain(output({}))).to.equal(unknown);
    expect(hasUnknown({ deep: [output({})] })).to.equal(true);
    expect(plain(output({ value: "x", secret: true }))).to.equal("x");
    expect(isSecret(output({ value: "x", secret: true }))).to.equal(true);
    expect(isSecret(output({ value: "x" }))).to.equal(false);
  });

  it("finds an unknown value inside a secret", () => {
    expect(hasUnknown({ password: secret(unknown) })).to.equal(true);
    expect(hasUnknown({ password: secret("x") })).to.equal(false);
  });

  it("gives any value back that was made secret", () => {
    fc.assert(fc.property(json, (value) => equal(plain(secret(value)), plain(value))));
  });

  it("calls a value equal to its copy, whatever the order of its keys", () => {
    const reversed = (value: Json): Json =>
      Array.isArray(value)
        ? value.map(reversed)
        : value !== null && typeof value === "object"
          ? Object.fromEntries(
              Object.entries(value)
                .map(([key, inner]) => [key, reversed(inner)] as const)
                .reverse(),
            )
          : value;
    fc.assert(fc.property(json, (value) => equal(value, reversed(value))));
  });

  it("distinguishes lists and objects, absent and null, and different lengths", () => {
    expect(equal([], {})).to.equal(false);
    expect(equal({ a: null }, {})).to.equal(false);
    expect(equal({ a: 1 }, { b: 1 })).to.equal(false);
    expect(equal([1], [1, 2])).to.equal(false);
    expect(equal("1", 1)).to.equal(false);
  });
});
