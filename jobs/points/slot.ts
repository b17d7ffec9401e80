/** Slots name recovery points: the time for which the run was scheduled, UTC, compact, sorting by age. */

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

/**
 * The slot of a run. A CronJob names its Jobs `<cronjob>-<scheduled time in Unix minutes>`, so that a pod that is
 * started again for the same Job finds its slot taken; any other name gives the time of start.
 */
export function slotOfJob(jobName: string | undefined, now: Date): string {
  const minutes = /-(\d{8,9})$/.exec(jobName ?? "")?.[1];
  return slotOf(minutes === undefined ? now : new Date(Number(minutes) * 60_000));
}
