/** Networks, subnets, routes and gateways. */
import type { Properties } from "../../../providers/values.ts";
import type { ResourceCase } from "../contract/resource-contract.ts";
import type { Fixtures } from "./fixtures.ts";

type Case = ResourceCase<Fixtures>;

const subnet = ({ vpc }: Fixtures, changes: Properties = {}): Properties => ({
  vpcId: vpc,
  cidrBlock: "10.0.64.0/18",
  availabilityZone: "eu-west-1b",
  tags: { a: "b" },
  ...changes,
});

const route = ({ routeTable, gateway }: Fixtures, changes: Properties = {}): Properties => ({
  routeTableId: routeTable,
  destinationCidrBlock: "10.9.0.0/16",
  gatewayId: gateway,
  ...changes,
});

export const networkCases: Case[] = [
  {
    type: "aws:ec2/vpc:Vpc",
    computed: ["arn"],
    inputs: () => ({ cidrBlock: "10.1.0.0/16", enableDnsHostnames: true, tags: { a: "b" } }),
    changed: () => ({ cidrBlock: "10.1.0.0/16", tags: { c: "d" } }),
    replaced: () => ({ cidrBlock: "10.2.0.0/16" }),
    outputs: () => ({ enableDnsSupport: true }),
  },
  {
    type: "aws:ec2/subnet:Subnet",
    computed: ["arn"],
    inputs: (fixtures) => subnet(fixtures),
    changed: (fixtures) => subnet(fixtures, { mapPublicIpOnLaunch: true, tags: { c: "d" } }),
    replaced: (fixtures) => subnet(fixtures, { availabilityZone: "eu-west-1c" }),
  },
  {
    type: "aws:ec2/internetGateway:InternetGateway",
    computed: ["arn"],
    inputs: ({ vpc }) => ({ vpcId: vpc, tags: { a: "b" } }),
    changed: ({ vpc }) => ({ vpcId: vpc, tags: { c: "d" } }),
  },
  {
    type: "aws:ec2/eip:Eip",
    computed: ["publicIp"],
    inputs: () => ({ domain: "vpc", tags: { a: "b" } }),
    changed: () => ({ domain: "vpc", tags: { c: "d" } }),
  },
  {
    type: "aws:ec2/natGateway:NatGateway",
    computed: ["publicIp"],
    inputs: ({ subnets, address }) => ({ subnetId: subnets[0]!, allocationId: address, tags: { a: "b" } }),
    changed: ({ subnets, address }) => ({ subnetId: subnets[0]!, allocationId: address, tags: { c: "d" } }),
    replaced: ({ subnets, address }) => ({ subnetId: subnets[1]!, allocationId: address }),
  },
  {
    type: "aws:ec2/routeTable:RouteTable",
    computed: ["arn"],
    inputs: ({ vpc }) => ({ vpcId: vpc, tags: { a: "b" } }),
    changed: ({ vpc }) => ({ vpcId: vpc, tags: { c: "d" } }),
  },
  {
    type: "aws:ec2/route:Route",
    computed: ["state"],
    inputs: (fixtures) => route(fixtures),
    changed: (fixtures) => {
      const { gatewayId: _, ...rest } = route(fixtures, { natGatewayId: fixtures.natGateway });
      return rest;
    },
    replaced: (fixtures) => route(fixtures, { destinationCidrBlock: "10.8.0.0/16" }),
  },
  {
    type: "aws:ec2/routeTableAssociation:RouteTableAssociation",
    computed: [],
    inputs: ({ routeTable, subnets }) => ({ routeTableId: routeTable, subnetId: subnets[0]! }),
    replaced: ({ routeTable, subnets }) => ({ routeTableId: routeTable, subnetId: subnets[1]! }),
  },
];
