export { ExportJob, type ExportJobArgs } from "./export-job.ts";
export { RecoveryPointWatch, type RecoveryPointWatchArgs } from "./recovery-point-watch.ts";
export { RestoreVerifyJob, type RestoreVerifyJobArgs } from "./restore-verify-job.ts";
export { StandbySync, type StandbySyncArgs } from "./standby-sync.ts";
export { TrafficWatch } from "./traffic-watch.ts";
export { WriterGuard } from "./writer-guard.ts";
export { databaseUrl } from "./job-environment.ts";
