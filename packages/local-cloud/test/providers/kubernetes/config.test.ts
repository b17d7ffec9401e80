import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect } from "chai";
import { checkConfig, honoured, refused } from "../../../providers/kubernetes/config.ts";
import { kubeconfigFor } from "./fake-api-server.ts";

const problems = (config: Record<string, string>) => checkConfig(config).map(({ property }) => property);

describe("provider arguments", () => {
  it("are all those that the SDK declares, each either honoured or refused", () => {
    const file = createRequire(import.meta.url).resolve("@pulumi/kubernetes/provider.d.ts");
    const declared = [...readFileSync(file, "utf8").matchAll(/^ {4}(\w+)\?: pulumi\.Input/gm)].map((match) => match[1]);
    expect(declared).to.not.be.empty;
    expect([...honoured, ...Object.keys(refused)]).to.have.members(declared);
  });

  it("are refused when unknown, or when ignoring them would deploy something else", () => {
    expect(problems({ kubeConfig: "x", renderYamlToDirectory: "out", enableServerSideApply: "false" })).to.deep.equal([
      "kubeConfig",
      "renderYamlToDirectory",
      "enableServerSideApply",
    ]);
    expect(problems({ enableServerSideApply: "true", namespace: "x", version: "4.0.0" })).to.deep.equal([]);
  });

  it("name a cluster that can be found", () => {
    expect(problems({ kubeconfig: kubeconfigFor("http://127.0.0.1:1"), context: "fake" })).to.deep.equal([]);
    expect(problems({ kubeconfig: "/no/such/file" })).to.deep.equal(["kubeconfig"]);
    const failures = checkConfig({ kubeconfig: kubeconfigFor("http://127.0.0.1:1"), context: "other" });
    expect(failures[0]?.reason).to.contain('no context "other"; it has "fake"');
  });
});
