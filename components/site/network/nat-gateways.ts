import type * as pulumi from "@pulumi/pulumi";
import { Eip } from "@pulumi/aws/ec2/eip.js";
import type { InternetGateway } from "@pulumi/aws/ec2/internetGateway.js";
import { NatGateway } from "@pulumi/aws/ec2/natGateway.js";
import type { Subnet } from "@pulumi/aws/ec2/subnet.js";
import type { NatGateways } from "../../../contract/index.ts";

interface NatGatewaysArgs {
  gateways: NatGateways;
  internet: InternetGateway;
  /** Public subnets, one per zone. */
  subnets: readonly Subnet[];
}

/** The way out of each zone's private subnet. */
export function natGateways(
  name: string,
  { gateways, internet, subnets }: NatGatewaysArgs,
  opts: pulumi.CustomResourceOptions,
): NatGateway[] {
  const own = subnets.slice(0, gateways === "single" ? 1 : subnets.length).map((subnet, index) => {
    const part = `${name}-nat-${index + 1}`;
    const address = new Eip(part, { domain: "vpc", tags: { Name: part } }, { ...opts, dependsOn: [internet] });
    return new NatGateway(
      part,
      { allocationId: address.id, subnetId: subnet.id, tags: { Name: part } },
      { ...opts, dependsOn: [internet] },
    );
  });
  return subnets.map((_, index) => own[index % own.length] as NatGateway);
}
