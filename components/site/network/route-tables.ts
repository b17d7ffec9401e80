import type * as pulumi from "@pulumi/pulumi";
import type { InternetGateway } from "@pulumi/aws/ec2/internetGateway.js";
import type { NatGateway } from "@pulumi/aws/ec2/natGateway.js";
import { Route } from "@pulumi/aws/ec2/route.js";
import { RouteTable } from "@pulumi/aws/ec2/routeTable.js";
import { RouteTableAssociation } from "@pulumi/aws/ec2/routeTableAssociation.js";
import type { Subnet } from "@pulumi/aws/ec2/subnet.js";

const everywhere = "0.0.0.0/0";

interface PublicArgs {
  vpcId: pulumi.Input<string>;
  internet: InternetGateway;
  subnets: readonly Subnet[];
}

/** One table for all public subnets. */
export function publicRouteTable(
  name: string,
  { vpcId, internet, subnets }: PublicArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  const table = new RouteTable(name, { vpcId, tags: { Name: name } }, opts);
  new Route(name, { routeTableId: table.id, destinationCidrBlock: everywhere, gatewayId: internet.id }, opts);
  associate(name, table, subnets, opts);
}

interface PrivateArgs {
  vpcId: pulumi.Input<string>;
  /** NAT gateway of each subnet's zone. */
  ways: readonly NatGateway[];
  subnets: readonly Subnet[];
}

/** One table per zone, so that a zone's traffic leaves through its own gateway. */
export const privateRouteTables = (
  name: string,
  { vpcId, ways, subnets }: PrivateArgs,
  opts: pulumi.CustomResourceOptions,
): RouteTable[] =>
  subnets.map((subnet, index) => {
    const part = `${name}-${index + 1}`;
    const table = new RouteTable(part, { vpcId, tags: { Name: part } }, opts);
    const natGatewayId = ways[index]?.id;
    new Route(part, { routeTableId: table.id, destinationCidrBlock: everywhere, natGatewayId }, opts);
    new RouteTableAssociation(part, { routeTableId: table.id, subnetId: subnet.id }, opts);
    return table;
  });

const associate = (
  name: string,
  table: RouteTable,
  subnets: readonly Subnet[],
  opts: pulumi.CustomResourceOptions,
): void =>
  subnets.forEach((subnet, index) => {
    new RouteTableAssociation(`${name}-${index + 1}`, { routeTableId: table.id, subnetId: subnet.id }, opts);
  });
