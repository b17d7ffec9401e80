import * as pulumi from "@pulumi/pulumi";
import { daySeconds, type Plan } from "../../../plan/index.ts";
import { kubernetesNames, type SiteFacts } from "../../../contract/index.ts";
import { env, type EnvVar, type Resources } from "../../kit/kubernetes/index.ts";
import { childOptions, type OrderedOptions } from "../../kit/child-options.ts";
import { refuse } from "../../kit/problems.ts";
import { awsEnv, databaseEnv, restoreEnv, runEnv, siteEnv, storeEnv } from "./job-environment.ts";
import { continuityJobPod } from "./job-pod.ts";
import { ownTimeLimitSeconds } from "./run-time.ts";
import { scheduleProblems } from "./schedule-problems.ts";
import { scheduledJob } from "./scheduled-job.ts";

export interface ExportJobArgs {
  /** The site whose database is exported. */
  facts: SiteFacts;
  /** Schedules, retention, and the thresholds for refused or suspicious exports, from the plan. */
  backups: Pick<Plan["backups"], "fullExport" | "changeExport" | "retention" | "countFloorRatio" | "suspiciousShrink">;
  /**
   * Days for which the bucket locks a new object; an export without such a lock fails.
   * @default the plan's retention
   */
  lockDays?: number | undefined;
  /** Image of the continuity jobs. */
  image: pulumi.Input<string>;
  /**
   * CPU and memory of one run; exports are streamed, so memory does not grow with the database.
   * @default 250m CPU, 512Mi memory
   */
  resources?: Resources | undefined;
}

/**
 * Exports the database and its changes on the plan's two schedules while the site is active; on any other role both
 * schedules are suspended.
 */
export class ExportJob extends pulumi.ComponentResource {
  constructor(name: string, args: ExportJobArgs, opts?: OrderedOptions) {
    super("continuity:jobs:ExportJob", name, {}, opts);
    const { fullExport, changeExport } = args.backups;
    refuse(this, `ExportJob "${name}"`, [
      ...scheduleProblems("backups.fullExport", fullExport),
      ...scheduleProblems("backups.changeExport", changeExport),
    ]);
    const children = childOptions(this, opts);
    this.exportCronJob(kubernetesNames.exportJob, fullExport, args, children);
    this.exportCronJob(kubernetesNames.changeExportJob, changeExport, args, children);
    this.registerOutputs({});
  }

  private exportCronJob(
    name: typeof kubernetesNames.exportJob | typeof kubernetesNames.changeExportJob,
    schedule: Plan["backups"]["fullExport"],
    args: ExportJobArgs,
    opts: pulumi.CustomResourceOptions,
  ): void {
    const { image, resources, facts } = args;
    const pod = continuityJobPod({
      facts,
      name,
      image,
      resources,
      restartPolicy: "Never",
      env: [
        ...siteEnv(facts),
        ...awsEnv(facts),
        ...runEnv(),
        ...databaseEnv(facts),
        ...storeEnv(facts, facts.site),
        ...restoreEnv(facts),
        ...limits(args, schedule),
      ],
    });
    // Only the active site exports: two writers would create diverging histories.
    scheduledJob({ namespace: facts.namespace, name, schedule, suspend: facts.role !== "active", pod }, opts);
  }
}

const limits = ({ backups, lockDays }: ExportJobArgs, schedule: Plan["backups"]["fullExport"]): EnvVar[] =>
  env({
    RETENTION_DAYS: String(lockDays ?? Math.ceil(backups.retention.seconds / daySeconds)),
    MINIMUM_ROWS_RATIO: String(backups.countFloorRatio),
    SUSPICIOUS_SHRINK_RATIO: String(backups.suspiciousShrink.ratio),
    SUSPICIOUS_SHRINK_ROWS: String(backups.suspiciousShrink.minimumRows),
    SUSPICIOUS_SHRINK_WITHIN_SECONDS: String(backups.suspiciousShrink.within.seconds),
    SCHEDULED_WITHIN_SECONDS: String(schedule.startDeadline.seconds + schedule.runTimeLimit.seconds),
    EXPORT_TIMEOUT_SECONDS: String(ownTimeLimitSeconds(schedule.runTimeLimit.seconds)),
  });
