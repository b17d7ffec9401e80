import * as pulumi from "@pulumi/pulumi";
import { InternetGateway } from "@pulumi/aws/ec2/internetGateway.js";
import { DefaultSecurityGroup } from "@pulumi/aws/ec2/defaultSecurityGroup.js";
import { Vpc } from "@pulumi/aws/ec2/vpc.js";
import { getAvailabilityZonesOutput } from "@pulumi/aws/getAvailabilityZones.js";
import { subnetRanges, zonesOfSite, type NatGateways } from "../../../contract/index.ts";
import { endpoints } from "./endpoints.ts";
import { flowLogs } from "./flow-logs.ts";
import { natGateways } from "./nat-gateways.ts";
import { privateRouteTables, publicRouteTable } from "./route-tables.ts";
import { subnets } from "./subnets.ts";

export interface NetworkArgs {
  /** AWS region of the network; must be its provider's. */
  region: string;
  /** AWS account that owns it; 12 digits. */
  accountId: string;
  /** IPv4 range of the network, prefix 16 to 20, e.g. `10.64.0.0/16`. Changing it replaces the network. */
  cidr: string;
  /**
   * NAT gateways: one per zone, or a single one, whose zone takes the others' way out with it.
   * @default "zone"
   */
  natGateways?: NatGateways | undefined;
  /**
   * Days for which flow logs are kept.
   * @default 90
   */
  flowLogDays?: number | undefined;
}

/**
 * A VPC over three zones. Nodes are in private subnets; AWS is reached through endpoints, so that the jobs work without
 * the NAT gateways, and everything else through these.
 */
export class Network extends pulumi.ComponentResource {
  public readonly vpcId: pulumi.Output<string>;
  /** One per zone, for nodes and pods. */
  public readonly privateSubnetIds: pulumi.Output<string>[];
  /** One per zone, for load balancers. */
  public readonly publicSubnetIds: pulumi.Output<string>[];

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("continuity:network:Network", name, {}, opts);
    const parent = { parent: this };
    const vpc = new Vpc(
      name,
      { cidrBlock: args.cidr, enableDnsHostnames: true, enableDnsSupport: true, tags: { Name: name } },
      parent,
    );
    // Without rules: what needs to be reached has a group of its own.
    new DefaultSecurityGroup(name, { vpcId: vpc.id, ingress: [], egress: [] }, parent);
    const internet = new InternetGateway(name, { vpcId: vpc.id, tags: { Name: name } }, parent);
    const ranges = subnetRanges(args.cidr);
    const zones = this.zones();
    const open = subnets(`${name}-public`, { vpcId: vpc.id, zones, cidrs: ranges.public, kind: "public" }, parent);
    const closed = subnets(`${name}-private`, { vpcId: vpc.id, zones, cidrs: ranges.private, kind: "private" }, parent);
    publicRouteTable(`${name}-public`, { vpcId: vpc.id, internet, subnets: open }, parent);
    const ways = natGateways(name, { gateways: args.natGateways ?? "zone", internet, subnets: open }, parent);
    const tables = privateRouteTables(`${name}-private`, { vpcId: vpc.id, ways, subnets: closed }, parent);
    endpoints(name, { vpc, region: args.region, subnets: closed, routeTables: tables }, parent);
    flowLogs(name, { vpcId: vpc.id, accountId: args.accountId, days: args.flowLogDays ?? 90 }, parent);
    this.vpcId = vpc.id;
    this.privateSubnetIds = closed.map(({ id }) => id);
    this.publicSubnetIds = open.map(({ id }) => id);
    this.registerOutputs({ vpcId: this.vpcId, privateSubnetIds: this.privateSubnetIds });
  }

  /** Names of the first zones that need no opting in. */
  private zones(): pulumi.Output<string>[] {
    const filters = [{ name: "opt-in-status", values: ["opt-in-not-required"] }];
    const { names } = getAvailabilityZonesOutput({ state: "available", filters }, { parent: this });
    return Array.from({ length: zonesOfSite }, (_, index) => names.apply((all) => zoneAt(all, index)));
  }
}

function zoneAt(names: readonly string[], index: number): string {
  const zone = [...names].sort()[index];
  if (zone !== undefined) return zone;
  throw new pulumi.RunError(
    `the region has ${names.length} availability zones (${names.join(", ")}), but a network needs ${zonesOfSite}; use an existing network by privateSubnetIds`,
  );
}
