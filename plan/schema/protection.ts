/** How the data are protected and how traffic is switched: the engineering behind the promises. */
import { z } from "zod";
import { count, cron, duration, section, timeZone } from "./fields.ts";

export const jobSchedule = section({
  schedule: cron("When the job starts."),
  timeZone: timeZone("Time zone of the schedule."),
  startDeadline: duration("A run that has not started this long after its time is skipped."),
  runTimeLimit: duration("A run is stopped after this time."),
});

export const backups = section({
  fullExport: jobSchedule.describe("Writes a whole recovery point."),
  changeExport: jobSchedule.describe("Writes what changed since, so that less is lost than between two full exports."),
  replicationBound: duration("Longest time that an object takes to the other region (S3 Replication Time Control)."),
  retention: duration("How long a recovery point is locked against deletion."),
  countFloorRatio: z
    .number()
    .gt(0)
    .max(1)
    .describe(
      "An export with fewer rows than this share of what the database itself counts is refused as a recovery point.",
    ),
  suspiciousShrink: section({
    ratio: z.number().gt(0).lt(1).describe("Share of its rows beyond which a table may not shrink unnoticed."),
    minimumRows: count("Tables with at most so many rows are not judged."),
    within: duration("Rows are compared with the most that the table had in this time."),
  }).describe(
    "A recovery point in which a table shrank more is kept, but marked, and the standby waits for a decision.",
  ),
  sequenceNumbersPerSecond: count(
    "Most numbers that one sequence of the database gives in a second; a restore leaves out what lost writes may have taken.",
  ),
  restoreTest: jobSchedule.describe("Restores the newest recovery point of the replica and compares its content."),
  standbySync: section({
    pollInterval: duration("How often the standby looks for a new recovery point."),
  }),
  watch: section({
    interval: duration("How often the age of the newest verified recovery point is published."),
  }),
});

export const traffic = section({
  dnsTtl: duration("How long resolvers keep an answer."),
  switchEvaluation: duration("Period of the alarm that sends traffic to the alternate site."),
  healthCheck: section({
    interval: duration("Time between two checks of a site."),
    failureThreshold: count("Failed checks in a row until a site counts as down."),
  }),
});
