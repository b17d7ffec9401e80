/** Protection of the data and switching of traffic. */
import { z } from "zod";
import { count, cron, duration, section, timeZone } from "./fields.ts";

const jobSchedule = section({
  schedule: cron("When the job starts."),
  timeZone: timeZone("Time zone of the schedule."),
  startDeadline: duration("A run that has not started this long after its scheduled time is skipped."),
  runTimeLimit: duration("Time limit of a run."),
});

export const backups = section({
  fullExport: jobSchedule.describe("Exports the complete database."),
  changeExport: jobSchedule.describe(
    "Exports the changes since the last recovery point, for a lower RPO than full exports alone.",
  ),
  replicationBound: duration(
    "Longest replication time of an object to the other region (S3 Replication Time Control).",
  ),
  retention: duration("How long a recovery point is locked against deletion."),
  countFloorRatio: z
    .number()
    .gt(0)
    .max(1)
    .describe("Smallest accepted ratio of exported rows to rows in the database; an export below it is rejected."),
  suspiciousShrink: section({
    ratio: z.number().gt(0).lt(1).describe("A table that loses more than this share of its rows is suspicious."),
    minimumRows: count("Tables with at most this many rows are exempt."),
    within: duration("Rows are compared with the table's maximum over this time."),
  }).describe(
    "A recovery point in which a table shrinks more is kept but marked as suspicious, and the standby waits for a decision.",
  ),
  sequenceNumbersPerSecond: count(
    "Maximum rate at which a database sequence is used, in numbers per second; restored sequences skip what lost writes may have taken.",
  ),
  restoreTest: jobSchedule.describe("Restores the newest replicated recovery point and compares its content."),
  standbySync: section({
    pollInterval: duration("Interval at which the standby checks for new recovery points."),
  }),
  watch: section({
    interval: duration("Interval at which the age of the newest verified recovery point is published."),
  }),
});

export const traffic = section({
  dnsTtl: duration("How long resolvers cache a DNS answer."),
  switchEvaluation: duration("Evaluation period of the alarm that switches traffic to the alternate site."),
  healthCheck: section({
    interval: duration("Interval between two checks of a site."),
    failureThreshold: count("Consecutive failed checks after which a site counts as down."),
  }),
});
