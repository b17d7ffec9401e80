import { expect } from "chai";
import * as pulumi from "@pulumi/pulumi";
import { kubernetesProvider } from "../../../components/stack/providers.ts";
import { readSettings, type SiteSettings } from "../../../components/stack/index.ts";
import type { SiteName } from "../../../contract/index.ts";
import { stackConfig, withProject } from "../../support/fixtures.ts";
import { only, settled, startMocks } from "../../support/pulumi-mocks.ts";

const inputsOf = async (site: SiteName, config: Record<string, string> = {}): Promise<Record<string, unknown>> => {
  await startMocks({}, { ...stackConfig(site, "active"), ...withProject(config) });
  kubernetesProvider(readSettings(new pulumi.Config()) as SiteSettings);
  await settled();
  return only("pulumi:providers:kubernetes").inputs;
};

describe("the cluster's provider", () => {
  for (const site of ["primary", "alternate"] as const) {
    it(`of the ${site} stack uses the context of its own cluster, never the current one`, async () => {
      expect(await inputsOf(site)).to.include({ context: `shop-${site}`, clusterIdentifier: `shop-${site}` });
    });
  }

  it("follows the cluster's name", async () => {
    expect(await inputsOf("primary", { clusterName: "blue" })).to.have.property("context", "blue");
  });

  it("uses another context if one is configured", async () => {
    expect(await inputsOf("primary", { kubeContext: "shop-eu" })).to.have.property("context", "shop-eu");
  });

  it("uses the context of its own kubeconfig, unless one is configured too", async () => {
    expect(await inputsOf("primary", { kubeconfig: "{}" })).not.to.have.property("context");
    expect(await inputsOf("primary", { kubeconfig: "{}", kubeContext: "two" })).to.have.property("context", "two");
  });
});
