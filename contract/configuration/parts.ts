/** Which keys each of the three stacks reads. */
import type { SiteName } from "../topology.ts";
import { stackSettings, type SettingName, type StackConfiguration } from "./settings.ts";

/**
 * Keys that the shared stack reads. Without a cluster, a role or images, since none of them belongs to both sites.
 */
export const sharedSettings = [
  ...(["site", "namePrefix", "primaryRegion", "alternateRegion", "accountId"] as const),
  ...(["publicHostname", "primaryHostname", "alternateHostname", "hostedZoneName", "hostedZoneId"] as const),
  ...(["certificateArn", "accessNames", "alarmSubscribers", "planFile", "lockMode", "lockDays"] as const),
] as const satisfies readonly SettingName[];

/** Keys that only the shared stack reads. */
const ofSharedOnly = [
  "hostedZoneName",
  "hostedZoneId",
  "accessNames",
  "lockMode",
] as const satisfies readonly SettingName[];

type SiteSettingName = Exclude<SettingName, (typeof ofSharedOnly)[number]>;

/** Keys that the stack of a site reads. */
export const siteSettings = (Object.keys(stackSettings) as SettingName[]).filter(
  (name): name is SiteSettingName => !(ofSharedOnly as readonly SettingName[]).includes(name),
);

/** Configuration of the shared stack. */
export type SharedConfiguration = Pick<StackConfiguration, (typeof sharedSettings)[number]> & { site: "shared" };

/** Configuration of the stack of one site. */
export type SiteConfiguration = Pick<StackConfiguration, SiteSettingName> & { site: SiteName };
