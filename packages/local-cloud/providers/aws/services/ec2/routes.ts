/** Route tables, single routes and associations. */
import type { EC2 } from "@aws-sdk/client-ec2";
import { needed, text } from "../../inputs.ts";
import type { CheckFailure } from "../../../provider.ts";
import { defined, type Properties } from "../../../values.ts";
import { ec2Arn, ec2Type } from "./ec2-type.ts";

const tableOf = async (client: EC2, id: string) =>
  (await client.describeRouteTables({ RouteTableIds: [id] })).RouteTables?.[0];

export const routeTable = ec2Type({
  token: "aws:ec2/routeTable:RouteTable",
  immutable: ["vpcId"],
  problems: (inputs) =>
    inputs.routes === undefined
      ? []
      : [{ property: "routes", reason: "is not supported by the local AWS provider; use Route" }],
  async make(client, inputs, aws) {
    const { RouteTable: made } = await client.createRouteTable({ VpcId: needed(inputs, "vpcId") });
    const id = made?.RouteTableId ?? "";
    return { id, outputs: { arn: ec2Arn(aws, "route-table", id), ownerId: aws.accountId } };
  },
  async find(client, id, aws) {
    const found = await tableOf(client, id);
    const arn = ec2Arn(aws, "route-table", id);
    return found && { properties: { arn, ownerId: aws.accountId, vpcId: found.VpcId ?? "" }, tags: found.Tags ?? [] };
  },
  remove: (client, RouteTableId) => client.deleteRouteTable({ RouteTableId }),
});

const targets = ["gatewayId", "natGatewayId"] as const;

function routeProblems(inputs: Properties): CheckFailure[] {
  const given = targets.filter((target) => inputs[target] !== undefined);
  return given.length === 1
    ? []
    : [
        {
          property: "gatewayId",
          reason: `one of ${targets.join(" and ")} is required, the only targets supported here`,
        },
      ];
}

const routeOf = (inputs: Properties) => ({
  RouteTableId: needed(inputs, "routeTableId"),
  DestinationCidrBlock: needed(inputs, "destinationCidrBlock"),
  GatewayId: text(inputs, "gatewayId"),
  NatGatewayId: text(inputs, "natGatewayId"),
});

export const route = ec2Type({
  token: "aws:ec2/route:Route",
  immutable: ["routeTableId", "destinationCidrBlock"],
  problems: routeProblems,
  async make(client, inputs) {
    const wanted = routeOf(inputs);
    await client.createRoute(wanted);
    const id = `r-${wanted.RouteTableId}_${wanted.DestinationCidrBlock}`;
    return { id, outputs: { origin: "CreateRoute", state: "active" } };
  },
  async settle(client, _id, inputs, before) {
    if (Object.keys(before).length > 0) await client.replaceRoute(routeOf(inputs));
  },
  async find(client, id) {
    const [table = "", destination = ""] = id.replace(/^r-/, "").split("_");
    const found = (await tableOf(client, table))?.Routes?.find((one) => one.DestinationCidrBlock === destination);
    if (!found) return undefined;
    const properties = defined({
      destinationCidrBlock: destination,
      gatewayId: found.GatewayId,
      natGatewayId: found.NatGatewayId,
      origin: "CreateRoute",
      routeTableId: table,
      state: found.State,
    });
    return { properties };
  },
  remove: (client, _id, state) =>
    client.deleteRoute({
      RouteTableId: needed(state, "routeTableId"),
      DestinationCidrBlock: needed(state, "destinationCidrBlock"),
    }),
});

export const routeTableAssociation = ec2Type({
  token: "aws:ec2/routeTableAssociation:RouteTableAssociation",
  immutable: ["gatewayId", "routeTableId", "subnetId"],
  async make(client, inputs) {
    const made = await client.associateRouteTable({
      RouteTableId: needed(inputs, "routeTableId"),
      SubnetId: text(inputs, "subnetId"),
      GatewayId: text(inputs, "gatewayId"),
    });
    return { id: made.AssociationId ?? "", outputs: {} };
  },
  async find(client, id) {
    const { RouteTables = [] } = await client.describeRouteTables({});
    const found = RouteTables.flatMap(({ Associations = [] }) => Associations).find(
      (one) => one.RouteTableAssociationId === id,
    );
    if (!found) return undefined;
    return {
      properties: defined({
        gatewayId: found.GatewayId,
        routeTableId: found.RouteTableId,
        subnetId: found.SubnetId,
      }),
    };
  },
  remove: (client, AssociationId) => client.disassociateRouteTable({ AssociationId }),
});
