export { foundationProblems, type NatGateways, type Origin } from "./cluster-settings.ts";
export { accessProblems } from "./access-names.ts";
export { subscriberProblems, type AlarmSubscriber } from "./alarm-subscribers.ts";
export { sharedSettings, siteSettings, type SharedConfiguration, type SiteConfiguration } from "./parts.ts";
export * from "./read.ts";
export { stackSettings, type SettingName, type StackConfiguration } from "./settings.ts";
