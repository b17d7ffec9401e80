import * as cbor2 from "cbor2";
import { expect } from "chai";
import fc from "fast-check";
import { CborCodec } from "surrealdb";
import { anyText } from "../../support/any-text.ts";
import { decode, encode, Float, Tagged, type Value } from "../../../jobs/wire/cbor.ts";

const value = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(undefined, null, true, false),
    fc.maxSafeInteger(),
    fc.bigInt({ min: 2n ** 60n, max: 2n ** 64n - 1n }),
    fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 60n) }),
    fc.double({ noNaN: true, noInteger: true }),
    fc.integer().map((whole) => new Float(whole)),
    anyText(),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.tuple(fc.integer({ min: 0, max: 100 }), tie("value")).map(([tag, inner]) => new Tagged(tag, inner)),
    fc.dictionary(anyText({ maxLength: 6 }), tie("value"), { maxKeys: 4 }),
  ),
})).value;

/** What the other codec does not give a meaning of its own: the database's tags, and keys that are none of JavaScript's. */
const known = value.filter((one) => isKnown(one));
const isKnown = (one: Value): boolean => {
  if (one instanceof Tagged) return [6, 7, 8, 12, 14].includes(one.tag) && isKnown(one.value);
  if (Array.isArray(one)) return one.every(isKnown);
  if (one === null || typeof one !== "object" || one instanceof Uint8Array || one instanceof Float) return true;
  return Object.entries(one).every(([key, item]) => key !== "__proto__" && isKnown(item));
};

describe("CBOR of database values", () => {
  it("round-trips every value byte for byte", () => {
    fc.assert(
      fc.property(value, (original) => {
        const bytes = encode(original);
        expect(encode(decode(bytes)).equals(bytes)).to.equal(true);
      }),
    );
  });

  it("is read by another codec, which writes the same bytes again", () => {
    fc.assert(
      fc.property(known, (original) => {
        const bytes = encode(original);
        const other = cbor2.decode(bytes, { boxed: true, keepNanPayloads: true });
        expect(Buffer.from(cbor2.encode(other)).equals(Buffer.from(bytes))).to.equal(true);
      }),
    );
  });

  it("reads what another codec writes", () => {
    const plain = fc.jsonValue({ depthSize: "small" }).filter((json) => !JSON.stringify(json).includes("__proto__"));
    fc.assert(
      fc.property(plain, (original) => {
        const json = JSON.parse(JSON.stringify(original)) as Value;
        expect(encode(decode(cbor2.encode(json))).equals(encode(json))).to.equal(true);
      }),
    );
  });

  it("preserves floats, unlike the usual codec", () => {
    const one = Buffer.from("fb3ff0000000000000", "hex");
    expect(encode(decode(one)).equals(one)).to.equal(true);
    const codec = new CborCodec({});
    expect(Buffer.from(codec.encode(codec.decode(one))).equals(one)).to.equal(false);
  });

  it("decodes short floats and indefinite-length lists", () => {
    expect(decode(Buffer.from("f93c00", "hex"))).to.deep.equal(new Float(1));
    expect(decode(Buffer.from("fa3fc00000", "hex"))).to.equal(1.5);
    expect(decode(Buffer.from("9f0102ff", "hex"))).to.deep.equal([1, 2]);
  });

  it("encodes maps independently of key order", () => {
    expect(encode({ a: 1, b: 2 }).equals(encode({ b: 2, a: 1 }))).to.equal(true);
  });

  it("preserves keys with a meaning in JavaScript", () => {
    const bytes = Buffer.concat([Buffer.from("a169", "hex"), Buffer.from("__proto__"), Buffer.from("01", "hex")]);
    expect(encode(decode(bytes)).equals(bytes)).to.equal(true);
  });

  it("rejects truncated and trailing bytes", () => {
    fc.assert(
      fc.property(value, fc.nat(), (original, at) => {
        const bytes = encode(original);
        expect(() => decode(bytes.subarray(0, at % bytes.length))).to.throw();
        expect(() => decode(Buffer.concat([bytes, Buffer.of(0)]))).to.throw();
      }),
    );
  });
});
