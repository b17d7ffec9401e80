/** A CronJob with the settings without which schedules stop, overlap or hang unnoticed. */
import type * as pulumi from "@pulumi/pulumi";
import { CronJob } from "@pulumi/kubernetes/batch/v1/cronJob.js";
import type { JobSchedule } from "../../../plan/index.ts";
import { kubernetesNames } from "../../../contract/index.ts";
import { labelsOf, type PodSpec } from "../../kit/kubernetes/index.ts";
import { badSettingsStatus, jobPodMetadata } from "./job-pod.ts";

export interface ScheduledJobArgs {
  /** Kubernetes namespace of the site. */
  namespace: string;
  /** Name of the CronJob in the namespace. */
  name: string;
  /** When it runs, how late it may start, how long it may take. */
  schedule: JobSchedule;
  /** True: no run starts by itself. A run can still be started from the template. */
  suspend: boolean;
  pod: PodSpec;
}

/** Retries inside one run's time limit. */
const backoffLimit = 2;

/** Long enough for log shipping and for a person to look at last night's failure. */
const keepFinishedSeconds = 24 * 3600;

export function scheduledJob(args: ScheduledJobArgs, opts: pulumi.CustomResourceOptions): CronJob {
  const { schedule, timeZone, startDeadline, runTimeLimit } = args.schedule;
  const metadata = { name: args.name, namespace: args.namespace, labels: labelsOf(args.name, "continuity") };
  const jobSpec = {
    // Counts retries too. Below the interval, or Forbid would skip the next run.
    activeDeadlineSeconds: runTimeLimit.seconds,
    backoffLimit,
    ttlSecondsAfterFinished: keepFinishedSeconds,
    podFailurePolicy,
    template: { metadata: jobPodMetadata(args.name), spec: args.pod },
  };
  return new CronJob(
    args.name,
    {
      metadata,
      spec: {
        schedule,
        timeZone,
        suspend: args.suspend,
        // Two exports at once would write one slot twice and double the load.
        concurrencyPolicy: "Forbid",
        // Without it, more than 100 missed starts, e.g. after a long suspension, stop the schedule for good.
        startingDeadlineSeconds: startDeadline.seconds,
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 3,
        jobTemplate: { metadata: { labels: metadata.labels }, spec: jobSpec },
      },
    },
    opts,
  );
}

const podFailurePolicy = {
  rules: [
    // A drained node is no failure of the job.
    { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
    {
      action: "FailJob",
      onExitCodes: { containerName: kubernetesNames.jobContainer, operator: "In", values: [badSettingsStatus] },
    },
  ],
};
