import * as pulumi from "@pulumi/pulumi";
import type { JobSchedule, Plan } from "../../../plan/index.ts";
import { jobCommands, kindOfJob, kubernetesNames, type SiteFacts } from "../../../contract/index.ts";
import { env, type EnvVar, type Resources } from "../../kit/kubernetes/index.ts";
import { childOptions, type OrderedOptions } from "../../kit/child-options.ts";
import { problem, refuse, type Problem } from "../../kit/problems.ts";
import { awsEnv, databaseEnv, evidenceEnv, restoreEnv, runEnv, siteEnv, storeEnv } from "./job-environment.ts";
import { jobPod } from "./job-pod.ts";
import { ownTimeLimitSeconds } from "./run-time.ts";
import { scheduledJob } from "./scheduled-job.ts";
import { standingJob } from "./standing-job.ts";

export interface StandbySyncArgs {
  /** The site whose standby database is kept in step. */
  facts: SiteFacts;
  /** How often it looks for a new recovery point, from the plan. */
  pollInterval: Plan["backups"]["standbySync"]["pollInterval"];
  /** How long a copy between the regions may take, from the plan: a point whose parts have not come by then is refused. */
  replicationBound: Plan["backups"]["replicationBound"];
  /** Seconds that the last catch-up of a failover may take before the newest verified point is taken as it is. */
  promoteLimitSeconds: number;
  /** Most numbers per second that one sequence of the database gives, from the plan. */
  sequenceNumbersPerSecond: number;
  /** Seconds of writing that a disaster can cost at most; sequences leave out what it may have taken. */
  longestLossSeconds: number;
  /** Seconds of acknowledged work that a promotion may leave behind unless the incident commander accepts more: the plan's strictest objective. */
  acceptedLossSeconds: number;
  /** Image of the continuity jobs. */
  image: pulumi.Input<string>;
  /**
   * What each of the two gets.
   * @default 250m CPU, 512Mi memory
   */
  resources?: Resources | undefined;
}

/** A day that no February has: the template's schedule could not start a run even if somebody resumed it. */
const never: JobSchedule["schedule"] = "0 0 31 2 *";

/**
 * Imports each recovery point that arrives in this region into the standby database and verifies it, so that a
 * failover starts from a database which is already there; holds the template of the last catch-up.
 */
export class StandbySync extends pulumi.ComponentResource {
  constructor(name: string, args: StandbySyncArgs, opts?: OrderedOptions) {
    super("continuity:jobs:StandbySync", name, {}, opts);
    refuse(this, `StandbySync "${name}"`, findProblems(args));
    const children = childOptions(this, opts);
    const running = args.facts.role === "standby";
    standingJob(
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
  jobPod({
    facts: args.facts,
    name: kubernetesNames.standbySync,
    identity: kindOfJob[kubernetesNames.standbySync],
    image: args.image,
    command: [...jobCommands[kubernetesNames.standbySync]],
    resources: args.resources,
    restartPolicy: "Always",
    env: [...syncEnv(args), ...env({ STANDBY_POLL_SECONDS: String(args.pollInterval.seconds) })],
  });

const promotePod = (args: StandbySyncArgs) =>
  jobPod({
    facts: args.facts,
    name: kubernetesNames.standbyPromote,
    identity: kindOfJob[kubernetesNames.standbyPromote],
    image: args.image,
    command: [...jobCommands[kubernetesNames.standbyPromote]],
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
  // The copies arrive in the own region's bucket.
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
    const rule = "must be 1 or more, or a restored sequence could give a number a second time";
    problems.push(problem(where, value, rule, "correct the plan"));
  }
  if (!(Number.isFinite(acceptedLossSeconds) && acceptedLossSeconds > 0)) {
    const [rule, remedy] = ["must be more than 0 s and finite", "give the plan's objective"];
    problems.push(problem("acceptedLossSeconds", acceptedLossSeconds, rule, remedy));
  }
  return problems;
}
