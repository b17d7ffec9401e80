/** Slots name recovery points: the time for which the run was scheduled, UTC, compact, sorting by age. */
import { clockToleranceSeconds } from "./clock.ts";

/** A late run may carry a slot from before the point that it continues, by this many seconds at the most. */
export const lateRunSeconds = 2 * 3600;

const slotPattern = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** `20261123T100000Z` */
export const slotOf = (time: Date): string => time.toISOString().replace(/[-:]|\.\d+/g, "");

export function timeOfSlot(slot: string): Date | undefined {
  const parts = slotPattern.exec(slot);
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/** What makes a Job's name count as that of a scheduled run. */
export interface Schedule {
  /** Name of the CronJob whose runs these are. */
  cronJob: string;
  /** How long ago its scheduled time may be: how late it may start, and how long it may take with its retries. */
  withinSeconds: number;
}

/**
 * The slot of a run. A CronJob names its Jobs `<cronjob>-<scheduled time in Unix minutes>`, so that a pod that is
 * started again for the same Job finds its slot taken. Any other name, and a time that no scheduled run can have,
 * gives the time of start: a Job that a person made from the template has whatever name the person chose.
 */
export function slotOfJob(jobName: string | undefined, now: Date, { cronJob, withinSeconds }: Schedule): string {
  const [prefix, minutes] = [`${cronJob}-`, jobName?.slice(cronJob.length + 1) ?? ""];
  if (!jobName?.startsWith(prefix) || !/^\d{1,10}$/.test(minutes)) return slotOf(now);
  const scheduled = Number(minutes) * 60_000;
  const ageSeconds = (now.getTime() - scheduled) / 1000;
  return slotOf(ageSeconds >= -clockToleranceSeconds && ageSeconds <= withinSeconds ? new Date(scheduled) : now);
}
