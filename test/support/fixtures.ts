/** What most component tests start from. */
import * as pulumi from "@pulumi/pulumi";
import { Provider } from "@pulumi/aws/provider.js";
import { loadPlan, type Role, type SiteFacts, type SiteName, type Topology } from "../../contract/index.ts";

export const plan = loadPlan();

export const topology: Topology = {
  namePrefix: "shop",
  primaryRegion: "eu-west-1",
  alternateRegion: "eu-central-1",
};

export const accountId = "123456789012";

export const facts = (site: SiteName = "primary", role: Role = "active"): SiteFacts => ({ topology, site, role });

export const regional = (name: string, region: string): Provider => new Provider(name, { region });

/** The configuration of a stack, as `pulumi config` would hold it. */
export const stackConfig = (site: SiteName, role: Role): Record<string, string> =>
  withProject({
    site,
    role,
    namePrefix: topology.namePrefix,
    primaryRegion: topology.primaryRegion,
    alternateRegion: topology.alternateRegion,
    accountId,
    publicHostname: "api.shop.example",
    primaryHostname: "primary.api.shop.example",
    alternateHostname: "alternate.api.shop.example",
    hostedZoneName: "shop.example",
    alarmSubscribers: JSON.stringify([{ protocol: "email", endpoint: "on-call@shop.example" }]),
  });

export const withProject = (config: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(config).map(([key, value]) => [`vapora-continuity:${key}`, value]));

/** The one call of the program that asks AWS something. */
export const zoneLookup = { "aws:route53/getZone:getZone": () => ({ zoneId: "Z0000000SHOP" }) };

/** The message of the error that `build` throws. */
export function refusal(build: () => unknown): string {
  try {
    build();
  } catch (error) {
    if (pulumi.ResourceError.isInstance(error) || pulumi.RunError.isInstance(error)) return (error as Error).message;
    throw error;
  }
  throw new Error("nothing was refused");
}
