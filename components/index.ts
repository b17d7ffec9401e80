/**
 * The components, for programs that compose their own stack.
 * @module
 */
export { AccessKeys, type AccessKeysArgs } from "./shared/access-keys/index.ts";
export type { AlarmSubscriber } from "../contract/index.ts";
export { AlarmTopic, type AlarmTopicArgs } from "./kit/alarms/index.ts";
export { BackupStore, type BackupStoreArgs } from "./shared/backup-store/index.ts";
export { Cluster, ClusterDefaults, type ClusterArgs } from "./site/cluster/index.ts";
export { Database, type DatabaseArgs } from "./site/database/index.ts";
export { SiteRoles, type SiteRolesArgs } from "./shared/identity/index.ts";
export {
  ExportJob,
  RecoveryPointWatch,
  RestoreVerifyJob,
  StandbySync,
  type ExportJobArgs,
  type RecoveryPointWatchArgs,
  type RestoreVerifyJobArgs,
  type StandbySyncArgs,
} from "./site/jobs/index.ts";
export { Network, type NetworkArgs } from "./site/network/index.ts";
export { Platform, type PlatformArgs } from "./site/platform/index.ts";
export {
  PodIdentities,
  Site,
  siteImages,
  type PodIdentitiesArgs,
  type SiteArgs,
  type SiteImages,
} from "./site/index.ts";
export {
  deployStack,
  readSettings,
  type Settings,
  type SharedSettings,
  type SiteSettings,
  type StackOutputs,
} from "./stack/index.ts";
export { Traffic, type TrafficArgs } from "./shared/traffic/index.ts";
