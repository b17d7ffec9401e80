import { expect } from "chai";
import fc from "fast-check";
import { childPath, differences } from "../../providers/differences.ts";
import { equal, secret, unknown, type Properties } from "../../providers/values.ts";

const properties = fc.dictionary(fc.string(), fc.jsonValue()).map((value) => value as Properties);

describe("differences", () => {
  it("names each difference by its path and kind", () => {
    const before = { spec: { replicas: 1, ports: [{ port: 80 }, { port: 81 }], gone: true }, same: "x" };
    const after = { spec: { replicas: 2, ports: [{ port: 8080 }], fresh: {} }, same: "x" };
    expect(differences(before, after).detailed).to.deep.equal({
      "spec.replicas": { kind: "update", inputDiff: true },
      "spec.ports[0].port": { kind: "update", inputDiff: true },
      "spec.ports[1]": { kind: "delete", inputDiff: true },
      "spec.gone": { kind: "delete", inputDiff: true },
      "spec.fresh": { kind: "add", inputDiff: true },
    });
  });

  it("marks replacements, and deletes first only where something is replaced", () => {
    const options = { replaces: (path: string) => path === "name", deleteBeforeReplace: true };
    const replaced = differences({ name: "a" }, { name: "b" }, options);
    expect(replaced.replaces).to.deep.equal(["name"]);
    expect(replaced.detailed?.name?.kind).to.equal("update-replace");
    expect(replaced.deleteBeforeReplace).to.equal(true);
    expect(differences({ size: 1 }, { size: 2 }, options)).to.include({ changes: true, deleteBeforeReplace: false });
  });

  it("ignores the wrapper of a secret, not its content", () => {
    expect(differences({ key: "x" }, { key: secret("x") }).changes).to.equal(false);
    expect(differences({ key: secret("x") }, { key: secret("y") }).detailed).to.have.keys("key");
  });

  it("treats an unknown value as a change", () => {
    expect(differences({ key: "x" }, { key: unknown }).changes).to.equal(true);
  });

  it("quotes keys that a path could not hold", () => {
    expect(childPath("metadata.annotations", "pulumi.com/skipAwait")).to.equal(
      'metadata.annotations["pulumi.com/skipAwait"]',
    );
    expect(childPath("", "spec")).to.equal("spec");
    expect(childPath("list", 3)).to.equal("list[3]");
  });

  it("finds a change exactly when two values differ", () => {
    fc.assert(
      fc.property(properties, properties, (one, other) => {
        expect(differences(one, one).changes).to.equal(false);
        expect(differences(one, other).changes).to.equal(!equal(one, other));
      }),
    );
  });
});
