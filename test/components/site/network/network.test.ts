import { expect } from "chai";
import { Network, type NetworkArgs } from "../../../../components/site/network/index.ts";
import { made, ofType, only, settled, startMocks, type Made } from "../../../support/pulumi-mocks.ts";

const zonesOf = (letters: string) => ({
  "aws:index/getAvailabilityZones:getAvailabilityZones": () => ({
    names: [...letters].map((letter) => `eu-west-1${letter}`),
  }),
});

async function build(changes: Partial<NetworkArgs> = {}, zones = "abc"): Promise<Network> {
  await startMocks(zonesOf(zones));
  const args = { region: "eu-west-1", accountId: "123456789012", cidr: "10.64.0.0/16" };
  const network = new Network("primary", { ...args, ...changes });
  await settled();
  return network;
}

const ec2 = (kind: string): string => `aws:ec2/${kind}:${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
const inputs = (found: Made[], key: string): unknown[] => found.map((one) => one.inputs[key]);
const named = (found: Made[], part: string): Made[] => found.filter(({ name }) => name.includes(part));
/** Target of the default route of a private subnet's table. */
const wayOf = (zone: number): unknown => only(ec2("route"), `primary-private-${zone}`).inputs["natGatewayId"];

describe("a created network", () => {
  before(() => build());

  it("has a private and a public subnet in each of three zones", () => {
    for (const kind of ["private", "public"]) {
      const subnets = named(ofType(ec2("subnet")), `-${kind}-`);
      expect(inputs(subnets, "availabilityZone")).to.deep.equal(["eu-west-1a", "eu-west-1b", "eu-west-1c"]);
      expect(new Set(inputs(subnets, "mapPublicIpOnLaunch"))).to.deep.equal(new Set([false]));
      for (const { ignoreChanges } of subnets) expect(ignoreChanges).to.deep.equal(["availabilityZone"]);
    }
  });

  it("tags its subnets for the load balancers of their kind", () => {
    const tags = (part: string): unknown[] => inputs(named(ofType(ec2("subnet")), part), "tags");
    for (const tag of tags("-public-")) expect(tag).to.have.property("kubernetes.io/role/elb", "1");
    for (const tag of tags("-private-")) expect(tag).to.have.property("kubernetes.io/role/internal-elb", "1");
  });

  it("leaves each zone through that zone's own NAT gateway", () => {
    expect(inputs(ofType(ec2("natGateway")), "subnetId")).to.deep.equal(
      [1, 2, 3].map((zone) => `primary-public-${zone}-id`),
    );
    expect([1, 2, 3].map(wayOf)).to.deep.equal([1, 2, 3].map((zone) => `primary-nat-${zone}-id`));
  });

  it("gives every subnet the route table of its kind", () => {
    const tables = Object.fromEntries(
      ofType(ec2("routeTableAssociation")).map(({ inputs: one }) => [one["subnetId"], one["routeTableId"]]),
    );
    expect(Object.keys(tables)).to.have.length(6);
    for (const zone of [1, 2, 3]) {
      expect(tables[`primary-private-${zone}-id`]).to.equal(`primary-private-${zone}-id`);
      expect(tables[`primary-public-${zone}-id`]).to.equal("primary-public-id");
    }
    expect(only(ec2("route"), "primary-public").inputs).to.include({
      gatewayId: "primary-id",
      destinationCidrBlock: "0.0.0.0/0",
    });
  });

  it("reaches S3 from every private subnet by a gateway endpoint", () => {
    expect(only(ec2("vpcEndpoint"), "primary-s3").inputs).to.deep.include({
      serviceName: "com.amazonaws.eu-west-1.s3",
      vpcEndpointType: "Gateway",
      routeTableIds: [1, 2, 3].map((zone) => `primary-private-${zone}-id`),
    });
  });

  for (const service of "eks-auth sts kms ecr.api ecr.dkr logs secretsmanager monitoring".split(" "))
    it(`reaches ${service} under its usual name, in every zone`, () => {
      const [endpoint] = ofType(ec2("vpcEndpoint")).filter(
        (one) => one.inputs["serviceName"] === `com.amazonaws.eu-west-1.${service}`,
      );
      expect(endpoint?.inputs).to.deep.include({
        vpcEndpointType: "Interface",
        privateDnsEnabled: true,
        subnetIds: [1, 2, 3].map((zone) => `primary-private-${zone}-id`),
      });
    });

  it("admits HTTPS from the network to the endpoints, and nothing else anywhere", () => {
    expect(only(ec2("securityGroup")).inputs).to.deep.include({
      ingress: [{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["10.64.0.0/16"] }],
      egress: [],
    });
    expect(only(ec2("defaultSecurityGroup")).inputs).to.deep.include({ ingress: [], egress: [] });
  });

  it("logs all traffic, for a limited time, by a role of this account only", () => {
    expect(only(ec2("flowLog")).inputs).to.include({ trafficType: "ALL", vpcId: "primary-id" });
    expect(only("aws:cloudwatch/logGroup:LogGroup").inputs).to.include({ retentionInDays: 90 });
    const trust = JSON.parse(String(only("aws:iam/role:Role").inputs["assumeRolePolicy"]));
    expect(trust.Statement[0].Condition).to.deep.equal({ StringEquals: { "aws:SourceAccount": "123456789012" } });
  });

  it("passes its provider on to everything", () => {
    for (const { parent, type } of made.filter(({ type }) => type.startsWith("aws:")))
      expect(parent, type).to.contain("continuity:network:Network");
  });
});

describe("a created network with a single NAT gateway", () => {
  it("leaves all zones through it", async () => {
    await build({ natGateways: "single" });
    expect(ofType(ec2("natGateway"))).to.have.length(1);
    expect(new Set([1, 2, 3].map(wayOf))).to.deep.equal(new Set(["primary-nat-1-id"]));
  });
});

describe("a region's zones", () => {
  it("are taken in order of their names", async () => {
    await build({}, "dcab");
    expect(inputs(named(ofType(ec2("subnet")), "-private-"), "availabilityZone")).to.deep.equal([
      "eu-west-1a",
      "eu-west-1b",
      "eu-west-1c",
    ]);
  });
});
