/** Slots identify recovery points: the scheduled time of the run in UTC, in a compact, sortable format. */
import { clockToleranceSeconds } from "./clock.ts";

/** A late run's slot may precede that of the recovery point it continues by at most this many seconds. */
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

/** Recognizes the Jobs of a schedule. */
export interface Schedule {
  /** Name of the CronJob. */
  cronJob: string;
  /** Maximum age of the scheduled time: start deadline plus run time with retries. */
  withinSeconds: number;
}

/**
 * Slot of a run. A CronJob names its Jobs `<cronjob>-<scheduled time in Unix minutes>`, so that a pod restarted for the
 * same Job reuses the slot. For any other name (Jobs created manually from the template) and for implausible times, the
 * slot is the start time.
 */
export function slotOfJob(jobName: string | undefined, now: Date, { cronJob, withinSeconds }: Schedule): string {
  const [prefix, minutes] = [`${cronJob}-`, jobName?.slice(cronJob.length + 1) ?? ""];
  if (!jobName?.startsWith(prefix) || !/^\d{1,10}$/.test(minutes)) return slotOf(now);
  const scheduled = Number(minutes) * 60_000;
  const ageSeconds = (now.getTime() - scheduled) / 1000;
  return slotOf(ageSeconds >= -clockToleranceSeconds && ageSeconds <= withinSeconds ? new Date(scheduled) : now);
}
