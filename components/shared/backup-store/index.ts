export { BackupStore } from "./backup-store.ts";
export type { BackupStoreArgs } from "./arguments.ts";
