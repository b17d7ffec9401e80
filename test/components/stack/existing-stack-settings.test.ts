/** The program asks the engine for its own state before it registers anything. */
import { expect } from "chai";
import * as pulumi from "@pulumi/pulumi";
import { onExistingStack, readSettings, type SiteSettings } from "../../../components/stack/index.ts";
import { kubernetesProvider } from "../../../components/stack/providers.ts";
import type { Role } from "../../../contract/index.ts";
import { plan, stackConfig, withProject } from "../../support/fixtures.ts";
import { made, only, settled, startMocks, type Answers } from "../../support/pulumi-mocks.ts";

const stateAnswers = (outputs: object, resources: object): Answers => ({
  "pulumi:pulumi:readStackOutputs": () => ({ outputs }),
  "pulumi:pulumi:readStackResourceOutputs": ({ stackName }) => {
    expect(stackName).to.equal("organization/vapora-continuity/test");
    return { outputs: resources };
  },
});

const standby = (clusterName: string, clusterIdentifier: string): Answers =>
  stateAnswers(
    {
      role: "standby",
      region: "eu-central-1",
      trafficSwitch: { alarm: "shop-alternate-serves-traffic", region: "eu-central-1" },
    },
    {
      association: {
        type: "aws:eks/podIdentityAssociation:PodIdentityAssociation",
        outputs: { clusterName },
      },
      provider: { type: "pulumi:providers:kubernetes", outputs: { clusterIdentifier } },
      database: {
        type: "kubernetes:apps/v1:StatefulSet",
        outputs: { spec: { volumeClaimTemplates: [{ spec: { resources: { requests: { storage: "50Gi" } } } }] } },
      },
    },
  );

const empty = stateAnswers({}, {});

async function settingsOn(answers: Answers, role: Role, changes: Record<string, string> = {}): Promise<SiteSettings> {
  await startMocks(answers, { ...stackConfig("alternate", role), ...withProject(changes) });
  return (await onExistingStack(readSettings(new pulumi.Config()), plan)) as SiteSettings;
}

const identifier = async (...of: Parameters<typeof settingsOn>): Promise<unknown> => {
  kubernetesProvider(await settingsOn(...of));
  await settled();
  return only("pulumi:providers:kubernetes").inputs["clusterIdentifier"];
};

const refusalOf = async (...of: Parameters<typeof settingsOn>): Promise<string> => {
  try {
    await settingsOn(...of);
  } catch (error) {
    if (pulumi.RunError.isInstance(error)) return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
};

describe("the identity of a cluster", () => {
  it("is its name on a new stack", async () => {
    expect(await identifier(empty, "standby")).to.equal("shop-alternate");
    expect(await identifier(empty, "standby", { clusterName: "blue" })).to.equal("blue");
  });

  it("stays what an existing stack has while the cluster is the same, so that nothing is replaced", async () => {
    const before = standby("blue", "shop-alternate");
    expect(await identifier(before, "standby", { clusterName: "blue" })).to.equal("shop-alternate");
    expect(await identifier(before, "active", { clusterName: "blue" })).to.equal("shop-alternate");
  });

  it("follows a new cluster, so that it does not stay empty", async () => {
    const before = standby("blue", "shop-alternate");
    expect(await identifier(before, "standby", { clusterName: "green" })).to.equal("green");
    expect(await identifier(standby("green", "green"), "standby", { clusterName: "green" })).to.equal("green");
  });

  it("can be set, for a cluster that was rebuilt under the same name", async () => {
    const changes = { clusterName: "blue", clusterIdentifier: "blue-2" };
    expect(await identifier(standby("blue", "blue"), "standby", changes)).to.equal("blue-2");
    // And stays when the key is removed again.
    expect(await identifier(standby("blue", "blue-2"), "standby", { clusterName: "blue" })).to.equal("blue-2");
  });
});

describe("the program on an existing stack", () => {
  it("stops before it registers anything, with every problem", async () => {
    const changes = { namePrefix: "store", storageClassName: "tape" };
    const message = await refusalOf(standby("shop-alternate", "x"), "standby", changes);
    expect(message).to.match(/^stack test: 2 change\(s\) that an existing stack cannot make\n/);
    expect(message).to.match(/\n {2}vapora-continuity:namePrefix is "store"/);
    expect(message).to.match(/\n {2}vapora-continuity:storageClassName is "tape"/);
    expect(made).to.be.empty;
  });

  it("does not delay a failover for a setting that it does not need", async () => {
    const changes = { storageClassName: "tape", databaseStorage: "90Gi" };
    const settings = await settingsOn(standby("shop-alternate", "x"), "active", changes);
    expect(settings.claimedStorage).to.equal(undefined);
    expect(await refusalOf(standby("shop-alternate", "x"), "active", { namePrefix: "store" })).to.match(/namePrefix/);
  });

  it("has a larger volume confirmed by the claim", async () => {
    const larger = await settingsOn(standby("shop-alternate", "x"), "standby", { databaseStorage: "90Gi" });
    expect(larger.claimedStorage).to.equal("50Gi");
    expect((await settingsOn(standby("shop-alternate", "x"), "standby")).claimedStorage).to.equal(undefined);
  });

  it("does not go on if the engine cannot read the state", async () => {
    const broken: Answers = {
      "pulumi:pulumi:readStackOutputs": () => {
        throw new Error("no backend client is available");
      },
    };
    expect(await refusalOf(broken, "standby")).to.match(/^stack organization\/.+cannot read its own state, so changes/);
  });
});
