/** A CronJob with the settings that prevent schedules from stopping, overlapping or hanging unnoticed. */
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
  /** Schedule, start deadline and time limit of a run. */
  schedule: JobSchedule;
  /** True: no run is scheduled. A run can still be created from the job template. */
  suspend: boolean;
  /** Pod of each run. */
  pod: PodSpec;
}

/** Retries within one run's time limit. */
const backoffLimit = 2;

/** Long enough to ship logs and to investigate last night's failure. */
const keepFinishedSeconds = 24 * 3600;

export function scheduledJob(args: ScheduledJobArgs, opts: pulumi.CustomResourceOptions): CronJob {
  const { schedule, timeZone, startDeadline, runTimeLimit } = args.schedule;
  const metadata = { name: args.name, namespace: args.namespace, labels: labelsOf(args.name, "continuity") };
  const jobSpec = {
    // Includes retries. Must be below the interval, or Forbid would skip the next run.
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
        // Concurrent exports would write the same slot twice and double the load.
        concurrencyPolicy: "Forbid",
        // Without it, more than 100 missed starts, e.g. after a long suspension, stop the schedule permanently.
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
    // A drained node does not count as a failure of the job.
    { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
    {
      action: "FailJob",
      onExitCodes: { containerName: kubernetesNames.jobContainer, operator: "In", values: [badSettingsStatus] },
    },
  ],
};
