import type * as pulumi from "@pulumi/pulumi";
import type { RouteTable } from "@pulumi/aws/ec2/routeTable.js";
import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup.js";
import type { Subnet } from "@pulumi/aws/ec2/subnet.js";
import type { Vpc } from "@pulumi/aws/ec2/vpc.js";
import { VpcEndpoint } from "@pulumi/aws/ec2/vpcEndpoint.js";

/**
 * Services that the jobs call in their own region, besides S3: credentials (the pod identity agent calls eks-auth),
 * keys, images, logs, secrets and metrics.
 */
const interfaceServices = [
  "eks-auth",
  "sts",
  "kms",
  "ecr.api",
  "ecr.dkr",
  "logs",
  "secretsmanager",
  "monitoring",
] as const;

interface EndpointsArgs {
  vpc: Vpc;
  region: string;
  /** Private subnets, one per zone. */
  subnets: readonly Subnet[];
  /** Their route tables. */
  routeTables: readonly RouteTable[];
}

export function endpoints(name: string, args: EndpointsArgs, opts: pulumi.CustomResourceOptions): void {
  const { vpc, region, subnets, routeTables } = args;
  const common = { vpcId: vpc.id };
  new VpcEndpoint(
    `${name}-s3`,
    {
      ...common,
      serviceName: `com.amazonaws.${region}.s3`,
      vpcEndpointType: "Gateway",
      routeTableIds: routeTables.map(({ id }) => id),
    },
    opts,
  );
  const group = new SecurityGroup(
    `${name}-endpoints`,
    {
      ...common,
      description: "HTTPS from the network to the endpoints of AWS services",
      ingress: [{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: [vpc.cidrBlock] }],
      egress: [],
    },
    opts,
  );
  for (const service of interfaceServices)
    new VpcEndpoint(
      `${name}-${service.replace(".", "-")}`,
      {
        ...common,
        serviceName: `com.amazonaws.${region}.${service}`,
        vpcEndpointType: "Interface",
        // The services' usual names lead to the endpoints: no client needs a setting.
        privateDnsEnabled: true,
        securityGroupIds: [group.id],
        subnetIds: subnets.map(({ id }) => id),
      },
      opts,
    );
}
