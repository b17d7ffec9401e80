/** Networks and subnets. */
import type { Subnet, Vpc } from "@aws-sdk/client-ec2";
import type { Aws } from "../../access.ts";
import { flag, needed, text } from "../../inputs.ts";
import { bounds } from "../../rules.ts";
import type { CheckFailure } from "../../../provider.ts";
import type { Properties } from "../../../values.ts";
import { ec2Arn, ec2Type } from "./ec2-type.ts";

/** AWS accepts ranges that begin at a multiple of their size, with a prefix of 16 to 28. */
function rangeProblems(inputs: Properties): CheckFailure[] {
  const cidr = text(inputs, "cidrBlock");
  if (cidr === undefined) return [];
  const [address = "", prefix = ""] = cidr.split("/");
  const parts = address.split(".").map(Number);
  const first = parts.reduce((sum, part) => sum * 256 + part, 0);
  const valid = parts.length === 4 && parts.every((part) => Number.isInteger(part) && part >= 0 && part < 256);
  if (!valid || !/^\d+$/.test(prefix) || first % 2 ** (32 - Number(prefix)) !== 0)
    return [{ property: "cidrBlock", reason: `is "${cidr}", which is not an IPv4 range` }];
  return bounds({ prefix: Number(prefix) }, "prefix", { least: 16, most: 28 }, "cidrBlock");
}

const vpcOutputs = (found: Vpc | undefined, aws: Aws): Properties => ({
  arn: ec2Arn(aws, "vpc", found?.VpcId ?? ""),
  cidrBlock: found?.CidrBlock ?? "",
  dhcpOptionsId: found?.DhcpOptionsId ?? "",
  instanceTenancy: found?.InstanceTenancy ?? "default",
  ownerId: found?.OwnerId ?? aws.accountId,
});

export const vpc = ec2Type({
  token: "aws:ec2/vpc:Vpc",
  immutable: ["cidrBlock", "ipv4IpamPoolId"],
  defaults: { enableDnsHostnames: false, enableDnsSupport: true, instanceTenancy: "default" },
  problems: rangeProblems,
  async make(client, inputs, aws) {
    const { Vpc: made } = await client.createVpc({ CidrBlock: needed(inputs, "cidrBlock") });
    return { id: made?.VpcId ?? "", outputs: vpcOutputs(made, aws) };
  },
  async settle(client, VpcId, inputs) {
    const EnableDnsSupport = { Value: flag(inputs, "enableDnsSupport") ?? true };
    const EnableDnsHostnames = { Value: flag(inputs, "enableDnsHostnames") ?? false };
    await client.modifyVpcAttribute({ VpcId, EnableDnsSupport }); // one attribute per call
    await client.modifyVpcAttribute({ VpcId, EnableDnsHostnames });
  },
  async find(client, id, aws) {
    const { Vpcs: [found] = [] } = await client.describeVpcs({ VpcIds: [id] });
    if (!found) return undefined;
    const [support, hostnames] = await Promise.all([
      client.describeVpcAttribute({ VpcId: id, Attribute: "enableDnsSupport" }),
      client.describeVpcAttribute({ VpcId: id, Attribute: "enableDnsHostnames" }),
    ]);
    const dns = {
      enableDnsSupport: support.EnableDnsSupport?.Value ?? true,
      enableDnsHostnames: hostnames.EnableDnsHostnames?.Value ?? false,
    };
    return { properties: { ...vpcOutputs(found, aws), ...dns }, tags: found.Tags ?? [] };
  },
  remove: (client, VpcId) => client.deleteVpc({ VpcId }),
});

const subnetOutputs = (found: Subnet | undefined, aws: Aws): Properties => ({
  arn: ec2Arn(aws, "subnet", found?.SubnetId ?? ""),
  availabilityZone: found?.AvailabilityZone ?? "",
  availabilityZoneId: found?.AvailabilityZoneId ?? "",
  cidrBlock: found?.CidrBlock ?? "",
  ownerId: found?.OwnerId ?? aws.accountId,
  vpcId: found?.VpcId ?? "",
});

export const subnet = ec2Type({
  token: "aws:ec2/subnet:Subnet",
  immutable: ["availabilityZone", "availabilityZoneId", "cidrBlock", "vpcId"],
  defaults: { mapPublicIpOnLaunch: false },
  problems: rangeProblems,
  async make(client, inputs, aws) {
    const { Subnet: made } = await client.createSubnet({
      VpcId: needed(inputs, "vpcId"),
      CidrBlock: text(inputs, "cidrBlock"),
      AvailabilityZone: text(inputs, "availabilityZone"),
      AvailabilityZoneId: text(inputs, "availabilityZoneId"),
    });
    return { id: made?.SubnetId ?? "", outputs: subnetOutputs(made, aws) };
  },
  settle: (client, SubnetId, inputs) =>
    client.modifySubnetAttribute({
      SubnetId,
      MapPublicIpOnLaunch: { Value: flag(inputs, "mapPublicIpOnLaunch") ?? false },
    }),
  async find(client, id, aws) {
    const { Subnets: [found] = [] } = await client.describeSubnets({ SubnetIds: [id] });
    if (!found) return undefined;
    const mapPublicIpOnLaunch = found.MapPublicIpOnLaunch ?? false;
    return { properties: { ...subnetOutputs(found, aws), mapPublicIpOnLaunch }, tags: found.Tags ?? [] };
  },
  remove: (client, SubnetId) => client.deleteSubnet({ SubnetId }),
});
