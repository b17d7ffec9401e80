/** Fixtures of most component tests. */
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { Provider } from "@pulumi/aws/provider.js";
import { parse } from "yaml";
import type { Role, SiteFacts, SiteName, StackPart, Topology } from "../../contract/index.ts";
import { examplePlan } from "./example-plan.ts";

export const plan = examplePlan();

export const topology: Topology = {
  namePrefix: "shop",
  primaryRegion: "eu-west-1",
  alternateRegion: "eu-central-1",
};

export const accountId = "123456789012";

export const facts = (site: SiteName = "primary", role: Role = "active"): SiteFacts => ({
  topology,
  site,
  role,
  namespace: "vapora",
  databaseNamespace: "vapora",
});

export const regional = (name: string, region: string): Provider => new Provider(name, { region });

/** Defaults that the engine applies to every stack. */
const projectDefaults = Object.fromEntries(
  Object.entries(
    parse(readFileSync(new URL("../../Pulumi.yaml", import.meta.url), "utf8")).config as Record<string, Declared>,
  ).flatMap(([key, declared]) =>
    declared.default === undefined
      ? []
      : [[key, typeof declared.default === "string" ? declared.default : JSON.stringify(declared.default)]],
  ),
) as Record<string, string>;

interface Declared {
  default?: unknown;
}

/** Configuration of a stack, as in `pulumi config`; the shared stack has no role. */
export const stackConfig = (site: StackPart, role?: Role): Record<string, string> =>
  withProject({
    ...projectDefaults,
    site,
    ...(role && { role }),
    namePrefix: topology.namePrefix,
    primaryRegion: topology.primaryRegion,
    alternateRegion: topology.alternateRegion,
    accountId,
    publicHostname: "api.shop.example",
    primaryHostname: "primary.api.shop.example",
    alternateHostname: "alternate.api.shop.example",
    ...(site === "shared" && { hostedZoneName: "shop.example" }),
    alarmSubscribers: JSON.stringify([{ protocol: "email", endpoint: "on-call@shop.example" }]),
  });

export const withProject = (config: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(config).map(([key, value]) => [`vapora-continuity:${key}`, value]));

/** The program's only AWS function call. */
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
