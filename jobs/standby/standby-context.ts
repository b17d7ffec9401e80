import type { Database } from "../database/client.ts";
import type { PointStore } from "../points/store.ts";
import type { JobContext } from "../result.ts";
import type { Settings } from "../settings.ts";
import type { Follower } from "./follower.ts";

export type SyncSettings = Settings<"standby-sync">;

/** Access to the standby database while the lease is held. */
export interface StandbyContext {
  follower: Follower;
  /** Aborts the follower only. */
  stopFollowing(reason: Error): void;
  server: Database;
  store: PointStore;
  settings: SyncSettings;
  context: JobContext;
}
