/** Ways out of a network: internet gateways, addresses, NAT gateways. */
import { needed, text } from "../../inputs.ts";
import { ec2Arn, ec2Type } from "./ec2-type.ts";

export const internetGateway = ec2Type({
  token: "aws:ec2/internetGateway:InternetGateway",
  async make(client, _inputs, aws) {
    const id = (await client.createInternetGateway({})).InternetGateway?.InternetGatewayId ?? "";
    return { id, outputs: { arn: ec2Arn(aws, "internet-gateway", id), ownerId: aws.accountId } };
  },
  async settle(client, InternetGatewayId, inputs, before) {
    const [wanted, had] = [text(inputs, "vpcId"), text(before, "vpcId")];
    if (wanted === had) return;
    if (had !== undefined) await client.detachInternetGateway({ InternetGatewayId, VpcId: had });
    if (wanted !== undefined) await client.attachInternetGateway({ InternetGatewayId, VpcId: wanted });
  },
  async find(client, id, aws) {
    const { InternetGateways: [found] = [] } = await client.describeInternetGateways({ InternetGatewayIds: [id] });
    const vpcId = found?.Attachments?.[0]?.VpcId ?? "";
    const arn = ec2Arn(aws, "internet-gateway", id);
    return found && { properties: { arn, ownerId: found.OwnerId ?? aws.accountId, vpcId }, tags: found.Tags ?? [] };
  },
  async remove(client, InternetGatewayId, state) {
    const VpcId = text(state, "vpcId");
    if (VpcId !== undefined && VpcId !== "")
      await client.detachInternetGateway({ InternetGatewayId, VpcId }).catch(() => undefined); // detached already
    await client.deleteInternetGateway({ InternetGatewayId });
  },
});

export const eip = ec2Type({
  token: "aws:ec2/eip:Eip",
  immutable: ["domain", "publicIpv4Pool"],
  defaults: { domain: "vpc" },
  async make(client, _inputs, aws) {
    const made = await client.allocateAddress({ Domain: "vpc" });
    const id = made.AllocationId ?? "";
    const outputs = { allocationId: id, arn: ec2Arn(aws, "elastic-ip", id), publicIp: made.PublicIp ?? "" };
    return { id, outputs };
  },
  async find(client, id, aws) {
    const { Addresses: [found] = [] } = await client.describeAddresses({ AllocationIds: [id] });
    const properties = {
      allocationId: id,
      arn: ec2Arn(aws, "elastic-ip", id),
      domain: found?.Domain ?? "vpc",
      publicIp: found?.PublicIp ?? "",
    };
    return found && { properties, tags: found.Tags ?? [] };
  },
  remove: (client, AllocationId) => client.releaseAddress({ AllocationId }),
});

export const natGateway = ec2Type({
  token: "aws:ec2/natGateway:NatGateway",
  immutable: ["allocationId", "connectivityType", "subnetId"],
  defaults: { connectivityType: "public" },
  async make(client, inputs) {
    const { NatGateway: made } = await client.createNatGateway({
      SubnetId: needed(inputs, "subnetId"),
      AllocationId: text(inputs, "allocationId"),
    });
    const outputs = { publicIp: made?.NatGatewayAddresses?.[0]?.PublicIp ?? "" };
    return { id: made?.NatGatewayId ?? "", outputs };
  },
  async find(client, id) {
    const { NatGateways: [found] = [] } = await client.describeNatGateways({ NatGatewayIds: [id] });
    if (!found || found.State === "deleted" || found.State === "deleting") return undefined;
    // The emulator does not return the address: it stays as it is known.
    return { properties: { subnetId: found.SubnetId ?? "" }, tags: found.Tags ?? [] };
  },
  remove: (client, NatGatewayId) => client.deleteNatGateway({ NatGatewayId }),
});
