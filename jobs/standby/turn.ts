import type { Database } from "../database/client.ts";
import type { PointStore } from "../points/store.ts";
import type { JobContext } from "../result.ts";
import type { Settings } from "../settings.ts";
import type { Follower } from "./follower.ts";

export type SyncSettings = Settings<"standby-sync">;

/** What one turn at the standby database needs. */
export interface Turn {
  follower: Follower;
  /** Ends what the follower does, and nothing else. */
  stopFollowing(reason: Error): void;
  server: Database;
  store: PointStore;
  settings: SyncSettings;
  context: JobContext;
}
