/**
 * Detects overdue jobs. A job that does not run cannot report it, so this relies on what runs leave in the bucket of
 * the site's own region, whatever prevents them.
 */
import { kubernetesNames, type Role } from "../../contract/index.ts";

/** Traces of runs. Times are milliseconds since 1970. */
export interface Traces {
  /** Scheduled times of recent recovery points that have a manifest, oldest first. */
  full: readonly number[];
  changes: readonly number[];
  /** Those that a standby skips on purpose. Missing: not checked. */
  held?: Record<"full" | "changes", readonly number[]>;
  /** Scheduled time of the newest recovery point verified by the standby. */
  standbyEvidence: number | undefined;
  /** Time of this site's last completed restore test. */
  restoreTest: number | undefined;
  /** The oldest trace of any kind: the stack has been running at least since then. */
  oldest: number | undefined;
}

/** Limits for each job, in seconds. */
export interface DueTimes {
  /** Longest time between two runs. */
  fullIntervalSeconds: number;
  /** From a run's scheduled time until its manifest must exist: start deadline plus run time limit. */
  fullRunSeconds: number;
  changesIntervalSeconds: number;
  changesRunSeconds: number;
  /** Until an object is replicated to the other region. */
  replicationSeconds: number;
  /** From a recovery point's arrival until the standby has verified it. */
  importSeconds: number;
  restoreTestIntervalSeconds: number;
  restoreTestRunSeconds: number;
}

export interface Moment {
  now: number;
  /** Start of the watch: nothing is overdue before anything has left a trace. */
  watchingSince: number;
}

export interface Overdue {
  /** Kubernetes name of the job. */
  job: string;
  /** Seconds since it was due. */
  lateSeconds: number;
}

/** Returns the jobs that are overdue in the site's role; an isolated site needs to run none. */
export function overdueJobs(role: Role, traces: Traces, due: DueTimes, moment: Moment): Overdue[] {
  if (role === "isolated") return [];
  // A standby sees replicas of the other site's objects.
  const copySeconds = role === "active" ? 0 : due.replicationSeconds;
  const { exportJob, changeExportJob, restoreVerifyJob } = kubernetesNames;
  const late = [
    since(exportJob, traces.full.at(-1), due.fullIntervalSeconds + due.fullRunSeconds + copySeconds),
    since(
      changeExportJob,
      newestChangeRun(traces, due),
      due.changesIntervalSeconds + due.changesRunSeconds + copySeconds,
    ),
    since(restoreVerifyJob, traces.restoreTest, due.restoreTestIntervalSeconds + due.restoreTestRunSeconds),
    ...(role === "standby" ? [standbySync(traces, due)] : []),
  ];
  return late.flatMap((check) => check(traces, moment));
}

/**
 * A change run may produce a full export, repeatedly where changes are unavailable. Such full exports follow each other
 * sooner than those of the full export's own schedule, which are no evidence of change runs.
 */
function newestChangeRun({ full, changes }: Traces, { fullIntervalSeconds }: DueTimes): number | undefined {
  const answers = full.filter((slot, index) => index > 0 && slot - full[index - 1]! < fullIntervalSeconds * 1000);
  const runs = [changes.at(-1), answers.at(-1)].filter((slot) => slot !== undefined);
  return runs.length > 0 ? Math.max(...runs) : undefined;
}

type DueCheck = (traces: Traces, moment: Moment) => Overdue[];

/** Overdue if the last run (or the first trace, if there was no run) is longer ago than allowed. */
const since =
  (job: string, last: number | undefined, allowedSeconds: number): DueCheck =>
  ({ oldest }, { now, watchingSince }) =>
    lateBy(job, now - (last ?? oldest ?? watchingSince), allowedSeconds);

/**
 * Overdue if the oldest unverified recovery point arrived too long ago. Counts from the start of the watch at the
 * earliest: a site that has just become a standby has everything to import.
 */
function standbySync({ full, changes, held, standbyEvidence = 0 }: Traces, due: DueTimes): DueCheck {
  const pending = (slots: readonly number[], left: readonly number[] = [], runSeconds: number): number[] =>
    slots
      .filter((slot) => slot > standbyEvidence && !left.includes(slot))
      .map((slot) => slot + (runSeconds + due.replicationSeconds) * 1000);
  const arrivals = [
    ...pending(full, held?.full, due.fullRunSeconds),
    ...pending(changes, held?.changes, due.changesRunSeconds),
  ];
  return (_, { now, watchingSince }) => {
    if (arrivals.length === 0) return [];
    const arrived = Math.max(watchingSince, Math.min(...arrivals));
    return lateBy(kubernetesNames.standbySync, now - arrived, due.importSeconds);
  };
}

function lateBy(job: string, elapsedMilliseconds: number, allowedSeconds: number): Overdue[] {
  const lateSeconds = Math.round(elapsedMilliseconds / 1000 - allowedSeconds);
  return lateSeconds > 0 ? [{ job, lateSeconds }] : [];
}
