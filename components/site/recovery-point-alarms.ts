/** Alarms for refused recovery points, and for suspicious ones without a decision. */
import type * as pulumi from "@pulumi/pulumi";
import { gapsBetweenRuns, type Plan } from "../../plan/index.ts";
import { metrics, type Topology } from "../../contract/index.ts";
import { alarm, ownMetric } from "../kit/alarms/index.ts";

export interface RecoveryPointAlarmsArgs {
  /** Name prefix and both regions. */
  topology: Topology;
  /** Schedule of the change exports, from the plan: no alarm may clear between two of their checks. */
  backups: Pick<Plan["backups"], "changeExport">;
  /** ARN of an SNS topic for the alarms; must be in this site's region. */
  alarmTopic: pulumi.Input<string>;
}

const periodSeconds = 300;

const descriptions = {
  [metrics.refusedRecoveryPoints]:
    "Recovery points, evidence or writer records were refused and stepped over: the log of standby-sync, recovery-point-watch, writer-guard or an export names each and why. Find out who wrote them before anything else",
  [metrics.suspiciousRecoveryPoints]:
    "A recovery point lost an unusual share of its rows, and the standby holds the state before it: look at the data, then accept or reject it with continuity points",
};

/** Raised within one period; cleared after at least one full interval of checks without a finding. */
export function recoveryPointAlarms(
  name: string,
  { topology, backups, alarmTopic }: RecoveryPointAlarmsArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  const names = { refused: metrics.refusedRecoveryPoints, suspicious: metrics.suspiciousRecoveryPoints } as const;
  for (const [what, metricName] of Object.entries(names)) {
    alarm(
      `${name}-${what}`,
      {
        description: descriptions[metricName],
        metric: ownMetric(metricName, topology),
        statistic: "Maximum",
        raised: "above",
        threshold: 0,
        periodSeconds,
        periods: Math.ceil(secondsBetweenChecks(backups.changeExport) / periodSeconds) + 1,
        periodsToAlarm: 1,
        // Not every role has a job that checks; where one is missing, the `overdue` alarm is raised.
        missingData: "notBreaching",
        topic: alarmTopic,
      },
      opts,
    );
  }
}

/** A standby checks every few seconds, an active site with each change export. */
const secondsBetweenChecks = (schedule: Plan["backups"]["changeExport"]): number =>
  (gapsBetweenRuns(schedule)?.longestSeconds ?? 0) + schedule.startDeadline.seconds + schedule.runTimeLimit.seconds;
