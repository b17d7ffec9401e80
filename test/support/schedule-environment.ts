/** Environment of the jobs that compare what they find with the plan's schedules: the figures of the example plan. */
export const scheduleEnvironment = {
  FULL_EXPORT_INTERVAL_SECONDS: "3600",
  FULL_EXPORT_RUN_SECONDS: "1500",
  CHANGE_EXPORT_INTERVAL_SECONDS: "600",
  CHANGE_EXPORT_RUN_SECONDS: "360",
  REPLICATION_SECONDS: "900",
  STANDBY_IMPORT_SECONDS: "305",
  RESTORE_TEST_INTERVAL_SECONDS: "2678400",
  RESTORE_TEST_RUN_SECONDS: "18000",
} as const;
