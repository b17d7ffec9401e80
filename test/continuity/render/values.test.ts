import { expect } from "chai";
import { placeholder, plain } from "../../../continuity/render/values.ts";

const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ...(value !== undefined && { value }),
});
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

describe("a rendered value", () => {
  it("has its keys in one order, at any depth, and lists as they are", () => {
    const text = JSON.stringify(plain({ b: [{ d: 1, c: null }, 2], a: { z: true, y: "" } }));
    expect(text).to.equal('{"a":{"y":"","z":true},"b":[{"c":null,"d":1},2]}');
  });

  it("contains no secret, but its structure", () => {
    expect(plain({ a: secret("x"), b: [secret(7)], c: secret(undefined), d: secret(unknown) })).to.deep.equal({
      ...{ a: "(secret)", b: ["(secret)"], c: "(secret)", d: "(secret)" },
    });
    const nested = secret({ user: "root", deep: [secret("x"), { password: "y" }] });
    expect(plain({ stringData: nested })).to.deep.equal({
      stringData: { user: "(secret)", deep: ["(secret)", { password: "(secret)" }] },
    });
  });

  it("marks what only the cloud knows", () => {
    expect(plain({ a: unknown, b: [unknown] })).to.deep.equal({
      a: "(known after apply)",
      b: ["(known after apply)"],
    });
    expect(placeholder("arn", "aws:kms/key:Key", "main")).to.equal("(arn of aws:kms/key:Key main)");
  });
});
