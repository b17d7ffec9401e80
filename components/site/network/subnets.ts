import type * as pulumi from "@pulumi/pulumi";
import { Subnet } from "@pulumi/aws/ec2/subnet.js";

interface SubnetsArgs {
  vpcId: pulumi.Input<string>;
  /** Availability zone of each subnet. */
  zones: readonly pulumi.Input<string>[];
  cidrs: readonly string[];
  kind: "public" | "private";
}

/** Tags by which load balancers find their subnets. */
const loadBalancers = { public: "kubernetes.io/role/elb", private: "kubernetes.io/role/internal-elb" } as const;

export const subnets = (
  name: string,
  { vpcId, zones, cidrs, kind }: SubnetsArgs,
  opts: pulumi.CustomResourceOptions,
): Subnet[] =>
  cidrs.map(
    (cidrBlock, index) =>
      new Subnet(
        `${name}-${index + 1}`,
        {
          vpcId,
          cidrBlock,
          availabilityZone: zones[index],
          // Nothing gets a public address unasked: load balancers and NAT gateways bring their own.
          mapPublicIpOnLaunch: false,
          tags: { Name: `${name}-${index + 1}`, [loadBalancers[kind]]: "1" },
        },
        // A zone that the region gains must not move the subnets.
        { ...opts, ignoreChanges: ["availabilityZone"] },
      ),
  );
