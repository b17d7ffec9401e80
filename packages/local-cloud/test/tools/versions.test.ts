import { expect } from "chai";
import fc from "fast-check";
import { builtNodes, kubernetesFlags } from "../../tools/cluster.ts";
import * as go from "../../tools/go.ts";
import * as pulumi from "../../tools/pulumi.ts";

const plane = {
  name: "kubernetes",
  task: "",
  estimate: "",
  mebibytes: 1,
  inputs: { root: ".", files: [], facts: [] },
  make: async () => {},
};

describe("versions of tools", () => {
  it("takes Go 1.26 and later", () => {
    for (const version of ["1.26.0", "1.26.8", "1.27rc1", "1.100"]) {
      expect(go.suits(`go version go${version} linux/amd64`), version).to.equal(true);
    }
    for (const version of ["1.25.9", "1.3", "2.26.0"]) {
      expect(go.suits(`go version go${version} linux/amd64`), version).to.equal(false);
    }
    expect(go.suits("gccgo")).to.equal(false);
  });

  it("takes the pinned Pulumi and later ones of the same major", () => {
    const least = "v3.220.0";
    for (const version of ["v3.220.0\n", "v3.220.1", "v3.270.0", "v3.1000.0"]) {
      expect(pulumi.suits(version, least), version).to.equal(true);
    }
    for (const version of ["v3.219.9", "v2.300.0", "v4.0.0", "", "dev", "v3.221.0-alpha.1"]) {
      expect(pulumi.suits(version, least), version).to.equal(false);
    }
  });

  it("orders Pulumi versions as numbers", () => {
    const part = fc.nat(2000);
    fc.assert(
      fc.property(part, part, part, part, (minor, patch, wantedMinor, wantedPatch) => {
        const later = minor * 10_000 + patch >= wantedMinor * 10_000 + wantedPatch;
        return pulumi.suits(`v3.${minor}.${patch}`, `v3.${wantedMinor}.${wantedPatch}`) === later;
      }),
    );
  });

  it("builds the nodes again if the flags of the build change", () => {
    const inputs = (...flags: string[][]) => builtNodes(plane, () => undefined, ...flags).inputs.facts;
    expect(inputs()).to.deep.equal(inputs(kubernetesFlags));
    expect(inputs()).not.to.deep.equal(inputs([...kubernetesFlags, "-race"]));
  });

  it("finds what go.mod pins, in either form", () => {
    const text = "module m\n\nrequire a.b/c v1.2.3\n\nrequire (\n\ta.b/cd v4.5.6 // indirect\n)\n";
    expect(go.pinnedVersion(text, "a.b/c")).to.equal("v1.2.3");
    expect(go.pinnedVersion(text, "a.b/cd")).to.equal("v4.5.6");
    expect(() => go.pinnedVersion(text, "a.b")).to.throw("a.b");
  });

  it("pins a Pulumi version", () => expect(pulumi.pulumiVersion()).to.match(/^v3\.\d+\.\d+$/));
});
