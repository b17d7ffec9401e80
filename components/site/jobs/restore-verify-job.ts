import * as pulumi from "@pulumi/pulumi";
import type { JobSchedule } from "../../../plan/index.ts";
import {
  jobCommands,
  kindOfJob,
  kubernetesNames,
  metrics,
  replicaSite,
  type SiteFacts,
} from "../../../contract/index.ts";
import { credentialsEnv, databaseServer, env, type Container, type Resources } from "../../kit/kubernetes/index.ts";
import { alarm, ownMetric } from "../../kit/alarms/index.ts";
import { childOptions, type OrderedOptions } from "../../kit/child-options.ts";
import { refuse } from "../../kit/problems.ts";
import { awsEnv, evidenceEnv, restoreEnv, runEnv, siteEnv, storeEnv } from "./job-environment.ts";
import { jobPod } from "./job-pod.ts";
import { ownTimeLimitSeconds } from "./run-time.ts";
import { scheduleProblems } from "./schedule-problems.ts";
import { scheduledJob } from "./scheduled-job.ts";

export interface RestoreVerifyJobArgs {
  /** The site on which the test runs. */
  facts: SiteFacts;
  /** When the test runs and how long it may take, from the plan. */
  schedule: JobSchedule;
  /** Image of the continuity jobs. */
  image: pulumi.Input<string>;
  /** Image of the database: the scratch one has to be of the version that would serve. */
  databaseImage: pulumi.Input<string>;
  /** Topic ARN that hears of a test that failed; it has to be in this site's region. */
  alarmTopic: pulumi.Input<string>;
  /**
   * What the job gets.
   * @default 250m CPU, 512Mi memory
   */
  resources?: Resources | undefined;
  /**
   * What the scratch database gets. Import speed, and with it the measured restore time, depends on it.
   * @default 1 CPU, 2Gi memory
   */
  scratchResources?: Resources | undefined;
  /**
   * Space for the restored data; the pod is evicted beyond it.
   * @default "20Gi"
   */
  scratchStorage?: string | undefined;
}

/** Seconds; a test publishes one value at its end, whenever that is. */
const alarmPeriodSeconds = 60;

/**
 * Restores the newest recovery point of the bucket that nobody writes, in the plan's rhythm, into a scratch
 * database that lives as long as the test, and compares its content: a copy that was never
 * restored is a hope. Raises an alarm when anything differs.
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
        // A fenced site does nothing by itself; the other site goes on testing.
        suspend: facts.role === "isolated",
        pod: restoreTestPod(args),
      },
      childOptions(this, opts),
    );
    failureAlarm(name, args, { parent: this });
    this.registerOutputs({});
  }
}

/** Stays raised until a later test succeeds: a test is over in hours, and the next one is a month away. */
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
  jobPod({
    facts: args.facts,
    name: kubernetesNames.restoreVerifyJob,
    identity: kindOfJob[kubernetesNames.restoreVerifyJob],
    image: args.image,
    command: [...jobCommands[kubernetesNames.restoreVerifyJob]],
    resources: args.resources,
    restartPolicy: "Never",
    sidecars: [scratchDatabase(args)],
    volumes: [{ name: "scratch", emptyDir: { sizeLimit: args.scratchStorage ?? "20Gi" } }],
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

const scratchEnv = ({ databaseNamespace }: SiteFacts) => [
  ...env({ DATABASE_NAMESPACE: databaseNamespace }),
  ...credentialsEnv("DATABASE", kubernetesNames.databaseRootSecret),
];

/** Restarted by itself, ready before the job starts, stopped when the job ends: what a plain second container is not. */
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
