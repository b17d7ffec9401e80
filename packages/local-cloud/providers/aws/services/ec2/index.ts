/** Networks, subnets, routes and gateways. Endpoints, security groups and flow logs are recorded. */
import type { ResourceType } from "../../resource-type.ts";
import { eip, internetGateway, natGateway } from "./gateways.ts";
import { route, routeTable, routeTableAssociation } from "./routes.ts";
import { subnet, vpc } from "./vpc.ts";

export const ec2Types: ResourceType[] = [
  vpc,
  subnet,
  internetGateway,
  eip,
  natGateway,
  routeTable,
  route,
  routeTableAssociation,
];
