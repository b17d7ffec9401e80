import * as pulumi from "@pulumi/pulumi";
import type { JobSchedule, Plan } from "../../../plan/index.ts";
import { kubernetesNames, type SiteFacts } from "../../../contract/index.ts";
import { env, type EnvVar, type Resources } from "../../kit/kubernetes/index.ts";
import { childOptions, type OrderedOptions } from "../../kit/child-options.ts";
import { problem, refuse, type Problem } from "../../kit/problems.ts";
import { awsEnv, databaseEnv, evidenceEnv, restoreEnv, runEnv, siteEnv, storeEnv } from "./job-environment.ts";
import { continuityJobPod } from "./job-pod.ts";
import { ownTimeLimitSeconds } from "./run-time.ts";
import { scheduledJob } from "./scheduled-job.ts";
import { longRunningJob } from "./long-running-job.ts";

export interface StandbySyncArgs {
  /** The site whose standby database is kept up to date. */
  facts: SiteFacts;
  /** How often it polls for a new recovery point, from the plan. */
  pollInterval: Plan["backups"]["standbySync"]["pollInterval"];
  /** Replication time limit, from the plan: a recovery point whose parts have not arrived by then is refused. */
  replicationBound: Plan["backups"]["replicationBound"];
  /** Seconds after which the last catch-up of a failover stops and the newest verified point is used; 10 or more. */
  promoteLimitSeconds: number;
  /** Highest rate at which one database sequence is consumed, in numbers per second, from the plan. */
  sequenceNumbersPerSecond: number;
  /** Longest period of writes that a disaster can lose, in seconds; restored sequences skip the numbers used in it. */
  longestLossSeconds: number;
  /** Seconds of acknowledged writes that a promotion may lose unless the incident commander accepts more: the plan's strictest RPO. */
  acceptedLossSeconds: number;
  /** Image of the continuity jobs. */
  image: pulumi.Input<string>;
  /**
   * CPU and memory of the sync and of the promotion, each.
   * @default 250m CPU, 512Mi memory
   */
  resources?: Resources | undefined;
}

/** February 31: the template could not start a run even if its schedule were resumed. */
const never: JobSchedule["schedule"] = "0 0 31 2 *";

/**
 * Imports each recovery point that arrives in this region into the standby database and verifies it, so that a failover
 * starts from an almost current database. Also deploys the job template for the last catch-up of a failover.
 */
export class StandbySync extends pulumi.ComponentResource {
  constructor(name: string, args: StandbySyncArgs, opts?: OrderedOptions) {
    super("continuity:jobs:StandbySync", name, {}, opts);
    refuse(this, `StandbySync "${name}"`, findProblems(args));
    const children = childOptions(this, opts);
    const running = args.facts.role === "standby";
    longRunningJob(
      { namespace: args.facts.namespace, name: kubernetesNames.standbySync, running, pod: syncPod(args) },
      children,
    );
    scheduledJob(
      {
        namespace: args.facts.namespace,
        name: kubernetesNames.standbyPromote,
        schedule: promoteSchedule(args.promoteLimitSeconds),
        suspend: true,
        pod: promotePod(args),
      },
      children,
    );
    this.registerOutputs({});
  }
}

const syncPod = (args: StandbySyncArgs) =>
  continuityJobPod({
    facts: args.facts,
    name: kubernetesNames.standbySync,
    image: args.image,
    resources: args.resources,
    restartPolicy: "Always",
    env: [...syncEnv(args), ...env({ STANDBY_POLL_SECONDS: String(args.pollInterval.seconds) })],
  });

const promotePod = (args: StandbySyncArgs) =>
  continuityJobPod({
    facts: args.facts,
    name: kubernetesNames.standbyPromote,
    image: args.image,
    resources: args.resources,
    restartPolicy: "Never",
    env: [
      ...syncEnv(args),
      ...runEnv(),
      ...env({
        PROMOTE_TIMEOUT_SECONDS: String(ownTimeLimitSeconds(args.promoteLimitSeconds)),
        ACCEPTED_LOSS_SECONDS: String(args.acceptedLossSeconds),
      }),
    ],
  });

const syncEnv = ({ facts, ...args }: StandbySyncArgs): EnvVar[] => [
  ...siteEnv(facts),
  ...awsEnv(facts),
  ...databaseEnv(facts),
  // Replicas arrive in the bucket of the site's own region.
  ...storeEnv(facts, facts.site),
  ...evidenceEnv(facts),
  ...restoreEnv(facts),
  ...env({
    REPLICATION_BOUND_SECONDS: String(args.replicationBound.seconds),
    SEQUENCE_NUMBERS_PER_SECOND: String(args.sequenceNumbersPerSecond),
    SEQUENCE_WINDOW_SECONDS: String(args.longestLossSeconds),
  }),
];

function promoteSchedule(limitSeconds: number): JobSchedule {
  const limit = { iso: `PT${limitSeconds}S`, seconds: limitSeconds };
  return { schedule: never, timeZone: "Etc/UTC", startDeadline: limit, runTimeLimit: limit };
}

function findProblems(args: StandbySyncArgs): Problem[] {
  const problems: Problem[] = [];
  const { promoteLimitSeconds, sequenceNumbersPerSecond, longestLossSeconds, acceptedLossSeconds } = args;
  if (!(Number.isInteger(promoteLimitSeconds) && promoteLimitSeconds >= 10)) {
    const rule = "must be a whole number of seconds, 10 or more";
    const remedy = "leave more of the recovery time to the restore";
    problems.push(problem("promoteLimitSeconds", promoteLimitSeconds, rule, remedy));
  }
  for (const [where, value] of Object.entries({ sequenceNumbersPerSecond, longestLossSeconds })) {
    if (Number.isFinite(value) && value >= 1) continue;
    const rule = "must be 1 or more, or a restored sequence could issue a number twice";
    problems.push(problem(where, value, rule, "correct the plan"));
  }
  if (!(Number.isFinite(acceptedLossSeconds) && acceptedLossSeconds > 0)) {
    const [rule, remedy] = ["must be more than 0 s and finite", "use the plan's objective"];
    problems.push(problem("acceptedLossSeconds", acceptedLossSeconds, rule, remedy));
  }
  return problems;
}
