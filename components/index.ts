/** The components, for programs that compose their own stack. */
export { AccessKeys, type AccessKeysArgs } from "./access-keys/index.ts";
export { AlarmTopic, type AlarmSubscriber, type AlarmTopicArgs } from "./alarms/index.ts";
export { BackupStore, type BackupStoreArgs } from "./backup-store/index.ts";
export { Database, type DatabaseArgs } from "./database/index.ts";
export { PodIdentities, SiteRoles, type PodIdentitiesArgs, type SiteRolesArgs } from "./identity/index.ts";
export {
  ExportJob,
  RecoveryPointWatch,
  RestoreVerifyJob,
  StandbySync,
  type ExportJobArgs,
  type RecoveryPointWatchArgs,
  type RestoreVerifyJobArgs,
  type StandbySyncArgs,
} from "./jobs/index.ts";
export { Platform, type PlatformArgs } from "./platform/index.ts";
export { Site, siteImages, type SiteArgs, type SiteImages } from "./site/index.ts";
export { deployStack, readSettings, type Settings } from "./stack/index.ts";
export { Traffic, type TrafficArgs } from "./traffic/index.ts";
