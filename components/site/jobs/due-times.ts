/** When a job counts as overdue: exactly what the plan allows, without a margin. */
import { gapsBetweenRuns, type JobSchedule, type Plan } from "../../../plan/index.ts";
import { env, type EnvVar } from "../../kit/kubernetes/index.ts";
import { problem, type Problem } from "../../kit/problems.ts";

type Schedules = Pick<Plan["backups"], "fullExport" | "changeExport" | "restoreTest" | "replicationBound">;

const jobs = { FULL_EXPORT: "fullExport", CHANGE_EXPORT: "changeExport", RESTORE_TEST: "restoreTest" } as const;

const longestGapSeconds = (schedule: JobSchedule): number | undefined => gapsBetweenRuns(schedule)?.longestSeconds;

/** Time limits that the watch applies; `jobs/settings.ts` describes each variable. */
export const dueEnv = (schedules: Schedules, importSeconds: number): EnvVar[] => [
  ...Object.entries(jobs).flatMap(([name, key]) => {
    const { startDeadline, runTimeLimit } = schedules[key];
    return env({
      [`${name}_INTERVAL_SECONDS`]: String(longestGapSeconds(schedules[key])),
      [`${name}_RUN_SECONDS`]: String(startDeadline.seconds + runTimeLimit.seconds),
    });
  }),
  ...env({
    REPLICATION_SECONDS: String(schedules.replicationBound.seconds),
    STANDBY_IMPORT_SECONDS: String(importSeconds),
  }),
];

/** Without a valid schedule no run would ever count as missed. */
export function dueProblems(schedules: Schedules, importSeconds: number): Problem[] {
  const problems = Object.values(jobs).flatMap((key): Problem[] => {
    if (longestGapSeconds(schedules[key]) !== undefined) return [];
    const rule = "must be a schedule that Kubernetes accepts";
    return [problem(`backups.${key}`, schedules[key].schedule, rule, "correct it in the plan")];
  });
  if (importSeconds >= 1 && Number.isFinite(importSeconds)) return problems;
  const rule = "must be a number of seconds, 1 or more";
  const remedy = "set it to the plan's expected restore time";
  return [...problems, problem("importSeconds", importSeconds, rule, remedy)];
}
