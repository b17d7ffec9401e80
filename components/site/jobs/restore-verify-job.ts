import * as pulumi from "@pulumi/pulumi";
import type { JobSchedule } from "../../../plan/index.ts";
import { kubernetesNames, metrics, replicaSite, type SiteFacts } from "../../../contract/index.ts";
import {
  credentialsEnv,
  databaseServer,
  env,
  type Container,
  type Resources,
  type Volume,
} from "../../kit/kubernetes/index.ts";
import { alarm, ownMetric } from "../../kit/alarms/index.ts";
import { childOptions, type OrderedOptions } from "../../kit/child-options.ts";
import { refuse } from "../../kit/problems.ts";
import { awsEnv, evidenceEnv, restoreEnv, runEnv, siteEnv, storeEnv } from "./job-environment.ts";
import { continuityJobPod } from "./job-pod.ts";
import { ownTimeLimitSeconds } from "./run-time.ts";
import { scheduleProblems } from "./schedule-problems.ts";
import { scheduledJob } from "./scheduled-job.ts";

export interface RestoreVerifyJobArgs {
  /** The site on which the test runs. */
  facts: SiteFacts;
  /** Schedule and time limit of the test, from the plan. */
  schedule: JobSchedule;
  /** Image of the continuity jobs. */
  image: pulumi.Input<string>;
  /** Image of the scratch database; must be the version that the site's database runs. */
  databaseImage: pulumi.Input<string>;
  /** ARN of an SNS topic, notified of a failed test; must be in this site's region. */
  alarmTopic: pulumi.Input<string>;
  /**
   * CPU and memory of the job.
   * @default 250m CPU, 512Mi memory
   */
  resources?: Resources | undefined;
  /**
   * CPU and memory of the scratch database. They determine import speed and so the measured restore time.
   * @default 1 CPU, 2Gi memory
   */
  scratchResources?: Resources | undefined;
  /**
   * Space for the restored data, e.g. `50Gi`. As much as the site's database has: whatever that volume holds can then
   * be restored.
   */
  scratchStorage: string;
  /**
   * Storage class of the volume of a run, which is created for it and deleted with it. Empty, as for volumes that are
   * made by hand: the node's own disk; a run that exceeds `scratchStorage` there is evicted.
   * Omit: the cluster's default.
   */
  scratchStorageClassName?: string | undefined;
}

/** Seconds. A test publishes a single value when it ends, so the shortest period is enough. */
const alarmPeriodSeconds = 60;

/**
 * Restores the newest replicated recovery point into a scratch database on the plan's schedule and compares its content:
 * a backup that has never been restored is unproven. Raises an alarm if anything differs.
 */
export class RestoreVerifyJob extends pulumi.ComponentResource {
  constructor(name: string, args: RestoreVerifyJobArgs, opts?: OrderedOptions) {
    super("continuity:jobs:RestoreVerifyJob", name, {}, opts);
    refuse(this, `RestoreVerifyJob "${name}"`, scheduleProblems("schedule", args.schedule));
    const { facts, schedule } = args;
    scheduledJob(
      {
        namespace: args.facts.namespace,
        name: kubernetesNames.restoreVerifyJob,
        schedule,
        // An isolated site starts no runs; the other site continues to test.
        suspend: facts.role === "isolated",
        pod: restoreTestPod(args),
      },
      childOptions(this, opts),
    );
    failureAlarm(name, args, { parent: this });
    this.registerOutputs({});
  }
}

/** Stays raised until a later test succeeds: between two monthly tests there is no data. */
const failureAlarm = (name: string, { facts, alarmTopic }: RestoreVerifyJobArgs, opts: pulumi.CustomResourceOptions) =>
  alarm(
    `${name}-restore-failed`,
    {
      description:
        "The newest recovery point could not be restored, or its content differs: read the evidence of restore-verify, and do not rely on the copy until a test succeeds",
      metric: ownMetric(metrics.restoreVerified, facts.topology),
      statistic: "Minimum",
      raised: "below",
      threshold: 1,
      periodSeconds: alarmPeriodSeconds,
      missingData: "ignore",
      topic: alarmTopic,
    },
    opts,
  );

const restoreTestPod = (args: RestoreVerifyJobArgs) =>
  continuityJobPod({
    facts: args.facts,
    name: kubernetesNames.restoreVerifyJob,
    image: args.image,
    resources: args.resources,
    restartPolicy: "Never",
    sidecars: [scratchDatabase(args)],
    volumes: [{ name: "scratch", ...scratchVolume(args) }],
    env: [
      ...siteEnv(args.facts),
      ...awsEnv(args.facts),
      ...runEnv(),
      ...scratchEnv(args.facts),
      ...storeEnv(args.facts, replicaSite(args.facts)),
      ...evidenceEnv(args.facts),
      ...restoreEnv(args.facts),
      ...env({ RESTORE_TIMEOUT_SECONDS: String(ownTimeLimitSeconds(args.schedule.runTimeLimit.seconds)) }),
    ],
  });

/** A claim of its own for each run: a node's disk is rarely as large as a database's volume. */
function scratchVolume({ scratchStorage, scratchStorageClassName }: RestoreVerifyJobArgs): Omit<Volume, "name"> {
  if (scratchStorageClassName === "") return { emptyDir: { sizeLimit: scratchStorage } };
  const spec = {
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: scratchStorage } },
    storageClassName: scratchStorageClassName,
  };
  return { ephemeral: { volumeClaimTemplate: { spec } } };
}

const scratchEnv = ({ databaseNamespace }: SiteFacts) => [
  ...env({ DATABASE_NAMESPACE: databaseNamespace }),
  ...credentialsEnv("DATABASE", kubernetesNames.databaseRootSecret),
];

/** A native sidecar: restarted automatically, ready before the job starts, stopped when the job ends. */
const scratchDatabase = (args: RestoreVerifyJobArgs): Container => ({
  ...databaseServer({
    name: kubernetesNames.scratchDatabase,
    image: args.databaseImage,
    volume: "scratch",
    folder: "scratch.db",
    resources: args.scratchResources ?? { cpu: "1", memory: "2Gi" },
  }),
  restartPolicy: "Always",
});
