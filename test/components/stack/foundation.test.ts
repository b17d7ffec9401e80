import { expect } from "chai";
import * as pulumi from "@pulumi/pulumi";
import { readSettings, type SiteSettings } from "../../../components/stack/index.ts";
import { deployFoundation, type Foundation } from "../../../components/stack/foundation.ts";
import { awsProvider } from "../../../components/stack/providers.ts";
import { regionOf, type SiteName } from "../../../contract/index.ts";
import { stackConfig, withProject } from "../../support/fixtures.ts";
import { made, ofType, only, settled, startMocks } from "../../support/pulumi-mocks.ts";

const zones = {
  "aws:index/getAvailabilityZones:getAvailabilityZones": () => ({ names: ["a", "b", "c"] }),
};
const both = { network: "created", cluster: "created" };

async function build(site: SiteName, config: Record<string, string>): Promise<Foundation> {
  await startMocks(zones, { ...stackConfig(site, "active"), ...withProject(config) });
  const settings = readSettings(new pulumi.Config()) as SiteSettings;
  const foundation = deployFoundation(settings, awsProvider(site, regionOf(settings, site), settings));
  await settled();
  return foundation;
}

const provider = () => only("pulumi:providers:kubernetes").inputs;

describe("the foundation of a site", () => {
  it("is what exists, unless the configuration says otherwise: nothing but the cluster's provider", async () => {
    const { before, storageClassName } = await build("primary", {});
    expect(before).to.deep.equal([]);
    expect(storageClassName).to.equal(undefined);
    expect(made.map(({ type }) => type).sort()).to.deep.equal(["pulumi:providers:aws", "pulumi:providers:kubernetes"]);
  });

  it("has networks that do not overlap, one in each region", async () => {
    const ranges: unknown[] = [];
    for (const site of ["primary", "alternate"] as const) {
      await build(site, both);
      ranges.push(only("aws:ec2/vpc:Vpc").inputs["cidrBlock"]);
    }
    expect(ranges).to.deep.equal(["10.64.0.0/16", "10.65.0.0/16"]);
  });

  it("creates the cluster in the private subnets of the created network, after its routes", async () => {
    await build("alternate", both);
    const cluster = only("aws:eks/cluster:Cluster");
    expect(cluster.inputs["name"]).to.equal("shop-alternate");
    expect(cluster.inputs["vpcConfig"]).to.deep.include({
      subnetIds: [1, 2, 3].map((zone) => `alternate-private-${zone}-id`),
    });
    const routes = ofType("aws:ec2/route:Route").map(({ urn }) => urn);
    expect(cluster.dependencies).to.include.members(routes);
  });

  it("creates the cluster in the subnets of an existing network", async () => {
    const subnets = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"];
    await build("primary", { cluster: "created", privateSubnetIds: JSON.stringify(subnets) });
    expect(ofType("aws:ec2/vpc:Vpc")).to.deep.equal([]);
    expect(only("aws:eks/cluster:Cluster").inputs["vpcConfig"]).to.deep.include({ subnetIds: subnets });
  });

  it("passes the settings of network and cluster on", async () => {
    const admin = "arn:aws:iam::123456789012:role/operations";
    await build("primary", {
      ...both,
      networkRange: "172.16.0.0/17",
      natGateways: "single",
      clusterVersion: "1.34",
      clusterPublicCidrs: '["203.0.113.0/24"]',
      clusterAdmins: JSON.stringify([admin]),
    });
    expect(only("aws:ec2/vpc:Vpc").inputs["cidrBlock"]).to.equal("172.16.0.0/18");
    expect(ofType("aws:ec2/natGateway:NatGateway")).to.have.length(1);
    const { inputs } = only("aws:eks/cluster:Cluster");
    expect(inputs["version"]).to.equal("1.34");
    expect(inputs["vpcConfig"]).to.deep.include({ publicAccessCidrs: ["203.0.113.0/24"] });
    expect(ofType("aws:eks/accessEntry:AccessEntry").map((one) => one.inputs["principalArn"])).to.include(admin);
  });

  it("reaches a created cluster by its own kubeconfig and context, as another cluster when it is another", async () => {
    await build("primary", both);
    expect(JSON.parse(String(provider()["kubeconfig"]))).to.have.property("current-context", "shop-primary");
    expect(provider()["clusterIdentifier"]).to.match(/^arn:.+@2026-/);
    expect(provider()).not.to.have.property("context");
  });

  it("reaches a created cluster by the configured kubeconfig, if there is one", async () => {
    await build("primary", { ...both, kubeconfig: '{"tunnel": true}' });
    expect(provider()).to.include({ kubeconfig: '{"tunnel": true}' });
    expect(provider()["clusterIdentifier"]).to.match(/^arn:.+@2026-/);
  });

  it("gives the database the created cluster's storage class, unless another is configured", async () => {
    const { storageClassName, before } = await build("primary", both);
    expect(storageClassName).to.equal("continuity-database");
    expect(only("kubernetes:storage.k8s.io/v1:StorageClass").inputs["metadata"]).to.deep.include({
      name: storageClassName,
    });
    expect(before).to.have.length(2);
    expect((await build("primary", { ...both, storageClassName: "fast" })).storageClassName).to.equal("fast");
  });
});
