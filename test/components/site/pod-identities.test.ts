import { expect } from "chai";
import { PodIdentities } from "../../../components/site/index.ts";
import { jobKinds, type SiteName } from "../../../contract/index.ts";
import { accountId, regional, topology } from "../../support/fixtures.ts";
import { ofType, only, settled, startMocks } from "../../support/pulumi-mocks.ts";

const associations = () => ofType("aws:eks/podIdentityAssociation:PodIdentityAssociation");

const build = async (site: SiteName): Promise<void> => {
  await startMocks();
  new PodIdentities(
    site,
    { topology, accountId, site, namespace: "vapora", clusterName: `shop-${site}` },
    { providers: [regional(site, topology[`${site}Region`])] },
  );
  await settled();
};

for (const site of ["primary", "alternate"] as const) {
  describe(`PodIdentities of the ${site} site`, () => {
    before(() => build(site));

    for (const kind of jobKinds) {
      it(`ties the service account of ${kind} to the role of that kind and site`, () => {
        const { inputs } = only("aws:eks/podIdentityAssociation:PodIdentityAssociation", `${site}-continuity-${kind}`);
        expect(inputs).to.include({
          serviceAccount: `continuity-${kind}`,
          roleArn: `arn:aws:iam::123456789012:role/shop-${kind}-${site}`,
        });
      });
    }

    it("ties the services' account to their role at this site", () => {
      const { inputs } = only("aws:eks/podIdentityAssociation:PodIdentityAssociation", `${site}-continuity-services`);
      expect(inputs["roleArn"]).to.match(new RegExp(`^arn:aws:iam::123456789012:role/shop-services-${site}$`));
    });

    it("gives no role to the account without rights, and none to two accounts", () => {
      const accounts = associations().map(({ inputs }) => inputs["serviceAccount"]);
      expect(accounts).not.to.include("continuity-jobs");
      expect(new Set(associations().map(({ inputs }) => inputs["roleArn"]))).to.have.property("size", accounts.length);
    });

    it("belongs to the site's cluster, namespace and region", () => {
      for (const { inputs, provider, name } of associations()) {
        expect(inputs, name).to.include({ clusterName: `shop-${site}`, namespace: "vapora" });
        expect(provider, name).to.equal(site);
      }
    });
  });
}
