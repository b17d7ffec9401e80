import * as pulumi from "@pulumi/pulumi";
import type { Plan } from "../../../plan/index.ts";
import { kubernetesNames, metrics, platformLimits, type SiteFacts } from "../../../contract/index.ts";
import { env, type Resources } from "../../kit/kubernetes/index.ts";
import { alarm, ownMetric } from "../../kit/alarms/index.ts";
import { childOptions, type OrderedOptions } from "../../kit/child-options.ts";
import { problem, refuse, type Problem } from "../../kit/problems.ts";
import { dueEnv, dueProblems } from "./due-times.ts";
import { awsEnv, evidenceEnv, siteEnv } from "./job-environment.ts";
import { continuityJobPod } from "./job-pod.ts";
import { longRunningJob } from "./long-running-job.ts";

export interface RecoveryPointWatchArgs {
  /** The site on which the watch runs. */
  facts: SiteFacts;
  /** Recovery point objective, in seconds: threshold of the age alarm. */
  rpoSeconds: number;
  /** Highest age that the schedules can cause, in seconds. Beyond it a run was missed; threshold of the early alarm. */
  expectedAgeSeconds: number;
  /** Schedules of the monitored jobs, and interval of the watch, from the plan. */
  backups: Pick<Plan["backups"], "fullExport" | "changeExport" | "restoreTest" | "replicationBound" | "watch">;
  /** Seconds within which the standby must verify an arrived recovery point; beyond it, standby-sync is overdue. */
  importSeconds: number;
  /** Image of the continuity jobs. */
  image: pulumi.Input<string>;
  /** ARN of an SNS topic for the alarms; must be in this site's region. */
  alarmTopic: pulumi.Input<string>;
  /**
   * CPU and memory of the watch.
   * @default 50m CPU, 128Mi memory
   */
  resources?: Resources | undefined;
}

const periodSeconds = platformLimits.cloudWatch.shortestPeriodSeconds;

/** A single missing data point, e.g. while the pod is rescheduled, must not raise an alarm. */
const evaluationPeriods = 2;

/**
 * Raises an alarm if the newest recovery point that was restored *and verified* is older than the objective, if a
 * continuity job has missed a run, or if either is unknown. On a standby it runs in the other region than the exports,
 * so it does not fail with them. It also runs on an isolated site, where no job can be overdue, so that missing data
 * always means a failure.
 */
export class RecoveryPointWatch extends pulumi.ComponentResource {
  constructor(name: string, args: RecoveryPointWatchArgs, opts?: OrderedOptions) {
    super("continuity:jobs:RecoveryPointWatch", name, {}, opts);
    refuse(this, `RecoveryPointWatch "${name}"`, findProblems(args));
    longRunningJob(
      { namespace: args.facts.namespace, name: kubernetesNames.recoveryPointWatch, running: true, pod: watchPod(args) },
      childOptions(this, opts),
    );
    this.ageAlarms(name, args);
    this.overdueAlarm(name, args);
    this.registerOutputs({});
  }

  /** Independent of the role: a change of role must update Kubernetes objects only. */
  private ageAlarms(name: string, args: RecoveryPointWatchArgs): void {
    alarm(
      `${name}-age`,
      {
        ...watchAlarm(args, metrics.verifiedRecoveryPointAge),
        description: `The newest verified recovery point is older than ${args.rpoSeconds} s, the recovery point objective, or its age is unknown: look at the export jobs, then at replication, then at standby-sync`,
        threshold: args.rpoSeconds,
        missingData: "breaching",
      },
      { parent: this },
    );
    alarm(
      `${name}-age-late`,
      {
        ...watchAlarm(args, metrics.verifiedRecoveryPointAge),
        description: `The newest verified recovery point is older than ${args.expectedAgeSeconds} s, which no schedule explains: an export, its copy or its import is late`,
        threshold: args.expectedAgeSeconds,
        // Missing data raises the other alarm.
        missingData: "ignore",
      },
      { parent: this },
    );
  }

  /** Independent of the role: the watch reports only jobs that its role runs, on an isolated site none. */
  private overdueAlarm(name: string, args: RecoveryPointWatchArgs): void {
    alarm(
      `${name}-overdue`,
      {
        ...watchAlarm(args, metrics.overdueJobs),
        description:
          "A continuity job has missed a run, or whether one has is unknown: the log of recovery-point-watch names it. Look at the CronJob's or Deployment's events, then at the log of its last run",
        threshold: 0,
        missingData: "breaching",
      },
      { parent: this },
    );
  }
}

const watchAlarm = ({ facts, backups, alarmTopic }: RecoveryPointWatchArgs, metricName: string) =>
  ({
    metric: ownMetric(metricName, facts.topology),
    statistic: "Maximum",
    raised: "above",
    periodSeconds: Math.max(1, Math.ceil(backups.watch.interval.seconds / periodSeconds)) * periodSeconds,
    periods: evaluationPeriods,
    topic: alarmTopic,
  }) as const;

const watchPod = (args: RecoveryPointWatchArgs) =>
  continuityJobPod({
    facts: args.facts,
    name: kubernetesNames.recoveryPointWatch,
    image: args.image,
    resources: args.resources ?? { cpu: "50m", memory: "128Mi" },
    restartPolicy: "Always",
    env: [
      ...siteEnv(args.facts),
      ...awsEnv(args.facts),
      ...evidenceEnv(args.facts),
      ...env({ WATCH_INTERVAL_SECONDS: String(args.backups.watch.interval.seconds) }),
      ...dueEnv(args.backups, args.importSeconds),
    ],
  });

function findProblems({ rpoSeconds, expectedAgeSeconds, backups, importSeconds }: RecoveryPointWatchArgs): Problem[] {
  const { interval } = backups.watch;
  const problems: Problem[] = dueProblems(backups, importSeconds);
  if (!(rpoSeconds > 0)) {
    const rule = "must be more than 0 s";
    problems.push(problem("rpoSeconds", rpoSeconds, rule, "use the plan's objective"));
  }
  if (!(expectedAgeSeconds > 0 && expectedAgeSeconds <= rpoSeconds)) {
    const rule = `must be more than 0 s and at most the objective of ${rpoSeconds} s`;
    const remedy = "export more often, until the schedules meet the objective";
    problems.push(problem("expectedAgeSeconds", expectedAgeSeconds, rule, remedy));
  }
  if (!(interval.seconds < rpoSeconds)) {
    const rule = `must be shorter than the objective of ${rpoSeconds} s, or the alarm is raised only after the objective was missed`;
    problems.push(problem("backups.watch.interval", interval.iso, rule, "publish the age more often"));
  }
  return problems;
}
