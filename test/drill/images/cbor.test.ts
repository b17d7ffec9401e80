import { expect } from "chai";
import fc from "fast-check";
import { CborCodec, DateTime, Duration, RecordId, Uuid } from "surrealdb";
import { decode, encode, joinMap, splitMap } from "../../../drill/images/wire/cbor.ts";
import { anyText } from "../../support/any-text.ts";
import type { Plain } from "../../../drill/images/wire/cbor.ts";

const sdk = new CborCodec({});

const plain: fc.Arbitrary<Plain> = fc.letrec<{ value: Plain }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger().map((n) => (Object.is(n, -0) ? 0 : n)),
    fc.double({ noNaN: true, noInteger: true }),
    anyText(),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(
      fc.string({ minLength: 1, maxLength: 8 }).filter((key) => key !== "__proto__"),
      tie("value"),
      {
        maxKeys: 5,
        noNullPrototype: true,
      },
    ),
  ),
})).value;

describe("CBOR of the local images", () => {
  it("round-trips every plain value", () => {
    fc.assert(
      fc.property(plain, (value) => {
        expect(decode(encode(value))).to.deep.equal(value);
      }),
    );
  });

  it("is compatible with the SDK in both directions", () => {
    fc.assert(
      fc.property(plain, (value) => {
        expect(sdk.decode(encode(value))).to.deep.equal(value);
        expect(decode(sdk.encode(value))).to.deep.equal(value);
      }),
    );
  });

  it("represents the database's own types like the server's JSON", () => {
    const value = {
      at: new DateTime("2026-11-23T10:00:00.123456789Z"),
      id: new RecordId("ledger", "abc"),
      odd: new RecordId("odd table", 7),
      span: new Duration("90s"),
      uuid: new Uuid("01890a5d-ac96-774b-bcce-b302099a8057"),
    };
    expect(decode(sdk.encode(value))).to.deep.equal({
      at: "2026-11-23T10:00:00.123456789Z",
      id: "ledger:abc",
      odd: "`odd table`:7",
      span: "90s",
      uuid: "01890a5d-ac96-774b-bcce-b302099a8057",
    });
  });

  it("splits and joins a map without changing a byte of its values", () => {
    const map = fc.dictionary(
      fc.string({ maxLength: 40 }).filter((key) => key !== "__proto__"),
      plain,
      {
        maxKeys: 30,
        noNullPrototype: true,
      },
    );
    fc.assert(
      fc.property(map, (value) => {
        const bytes = encode(value);
        expect(Buffer.compare(joinMap(splitMap(bytes)), bytes)).to.equal(0);
      }),
    );
  });

  it("rejects truncated bytes", () => {
    const value: Plain = { id: "1", params: ["x".repeat(300), { deep: [1, 2.5, null] }] };
    const bytes = encode(value);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decode(bytes.subarray(0, length)), `${length} bytes`).to.throw(RangeError);
      expect(() => splitMap(bytes.subarray(0, length)), `${length} bytes`).to.throw(RangeError);
    }
  });

  it("throws only RangeErrors for untrusted bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          splitMap(bytes);
        } catch (error) {
          expect(error).to.be.instanceOf(RangeError);
        }
      }),
    );
  });
});
