/** Three stacks own what two stacks owned, until the primary site's stack gave up what both sites share. */
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import {
  clusterNameOf,
  readConfiguration,
  stackSettings,
  type Role,
  type SettingName,
} from "../../../contract/index.ts";
import { deployed } from "../../support/deployed.ts";
import { digestOf } from "../../support/deployed-digest.ts";
import { plan, stackConfig, withProject, zoneLookup } from "../../support/fixtures.ts";
import { made, settled, startMocks } from "../../support/pulumi-mocks.ts";
import { deployTwoStacks, type OneOfTwo } from "./two-stacks/compose.ts";

const names = Object.keys(stackSettings) as SettingName[];

/** What the primary site's stack deployed. */
async function oneOfTwo(role: Role): Promise<Record<string, string>> {
  const zone = withProject({ hostedZoneName: "shop.example" });
  await startMocks(zoneLookup, { ...stackConfig("primary", role), ...zone });
  const config = new pulumi.Config();
  const { values } = readConfiguration(names, (name) => config.get(name));
  deployTwoStacks({ ...values, clusterName: clusterNameOf(values) } as unknown as OneOfTwo, plan);
  await settled();
  return digestOf(made);
}

describe("the shared stack and the primary site's", () => {
  for (const role of ["active", "standby", "isolated"] as const) {
    it(`together have every resource of the former stack of an ${role} site, unchanged, and no other`, async () => {
      const former = await oneOfTwo(role);
      const shared = digestOf((await deployed("shared")).resources);
      const site = digestOf((await deployed("primary", role)).resources);
      expect({ ...shared, ...site }).to.deep.equal(former);
      const inBoth = Object.keys(shared).filter((urn) => urn in site);
      expect(inBoth.map((urn) => urn.split("::").slice(2).join(" "))).to.deep.equal(["pulumi:providers:aws primary"]);
    });
  }
});
