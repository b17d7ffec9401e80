import { expect } from "chai";
import { Provider as KubernetesProvider } from "@pulumi/kubernetes/provider.js";
import { refuseUnlessExpanded } from "../../../../components/site/database/claim.ts";
import { Database } from "../../../../components/site/database/index.ts";
import { facts, refusal } from "../../../support/fixtures.ts";
import { ofType, only, settled, startMocks } from "../../../support/pulumi-mocks.ts";

const build = async (claimedStorage?: string): Promise<void> => {
  await startMocks();
  const args = { facts: facts(), image: "database:3", jobsImage: "jobs:1", storage: "90Gi", claimedStorage };
  new Database("primary", args, { providers: [new KubernetesProvider("cluster", {})] });
  await settled();
};

const claims = () => ofType("kubernetes:core/v1:PersistentVolumeClaim");

describe("the claim of the database", () => {
  it("is read only if the configuration asks for more than the StatefulSet's template has", async () => {
    await build();
    expect(claims()).to.be.empty;
  });

  it("never replaces the server: a changed template is ignored", async () => {
    await build();
    expect(only("kubernetes:apps/v1:StatefulSet").ignoreChanges).to.deep.equal(["spec.volumeClaimTemplates"]);
  });

  it("must request what the configuration asks for, and the message says how", () => {
    const message = refusal(() => refuseUnlessExpanded("vapora", "90Gi", "50Gi"));
    expect(message).to.match(/^databaseStorage is "90Gi", but must not exceed the claim vapora\/data-surrealdb-0/);
    expect(message).to.contain("which requests 50Gi; expand it first");
    const [patch] = /'\{.+\}'/.exec(message) ?? [""];
    expect(JSON.parse(patch.slice(1, -1))).to.deep.equal({ spec: { resources: { requests: { storage: "90Gi" } } } });
    expect(refusal(() => refuseUnlessExpanded("vapora", "90Gi", undefined))).to.contain("which requests nothing");
  });

  it("may be larger than the configuration", () => {
    for (const requested of ["90Gi", "1Ti"]) refuseUnlessExpanded("vapora", "90Gi", requested);
  });
});
