/**
 * Which jobs have missed a run. A job that does not run cannot report that itself, so this goes by what the runs leave in
 * the bucket of the site's own region, whatever keeps them from running.
 */
import { kubernetesNames, type Role } from "../../contract/index.ts";

/** What the runs have left. Times are milliseconds since 1970. */
export interface Traces {
  /** Scheduled times of the recent points that have a manifest, oldest first. */
  full: readonly number[];
  changes: readonly number[];
  /** Those of them that a standby rightly leaves alone. Missing: nobody looked. */
  held?: Record<"full" | "changes", readonly number[]>;
  /** Scheduled time of the newest point that the standby verified. */
  standbyEvidence: number | undefined;
  /** When this site last finished a restore test. */
  restoreTest: number | undefined;
  /** The oldest trace of anything: how long the stack has been at work at least. */
  oldest: number | undefined;
}

/** How late each job may be, in seconds. */
export interface DueTimes {
  /** Between two runs at most. */
  fullIntervalSeconds: number;
  /** From a run's scheduled time until its manifest is there: start deadline and run time limit. */
  fullRunSeconds: number;
  changesIntervalSeconds: number;
  changesRunSeconds: number;
  /** Until an object has reached the other region. */
  replicationSeconds: number;
  /** From a point's arrival until the standby has verified it. */
  importSeconds: number;
  restoreTestIntervalSeconds: number;
  restoreTestRunSeconds: number;
}

export interface Moment {
  now: number;
  /** When the watch began: before anything has left a trace, nothing is late. */
  watchingSince: number;
}

export interface Overdue {
  /** Name of the job. */
  job: string;
  /** Seconds beyond the time at which it was due. */
  lateSeconds: number;
}

/** Every job that is late for the site's role; on an isolated site none has to run. */
export function overdueJobs(role: Role, traces: Traces, due: DueTimes, moment: Moment): Overdue[] {
  if (role === "isolated") return [];
  // A standby sees the copies of what the other site wrote.
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
  return late.flatMap((ask) => ask(traces, moment));
}

/**
 * A change run may answer with a full export, again and again where changes cannot be had. Its fulls come sooner after
 * each other than those of the full export's own schedule, which say nothing about change runs.
 */
function newestChangeRun({ full, changes }: Traces, { fullIntervalSeconds }: DueTimes): number | undefined {
  const answers = full.filter((slot, index) => index > 0 && slot - full[index - 1]! < fullIntervalSeconds * 1000);
  const runs = [changes.at(-1), answers.at(-1)].filter((slot) => slot !== undefined);
  return runs.length > 0 ? Math.max(...runs) : undefined;
}

type Question = (traces: Traces, moment: Moment) => Overdue[];

/** Late when the last run, or the beginning where there was none, is longer ago than allowed. */
const since =
  (job: string, last: number | undefined, allowedSeconds: number): Question =>
  ({ oldest }, { now, watchingSince }) =>
    lateBy(job, now - (last ?? oldest ?? watchingSince), allowedSeconds);

/**
 * Late when the oldest point that it has not verified arrived too long ago. A watch that has just begun waits once: a
 * site that has just become a standby has everything to import.
 */
function standbySync({ full, changes, held, standbyEvidence = 0 }: Traces, due: DueTimes): Question {
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
