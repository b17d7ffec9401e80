/**
 * Runs of a schedule as Kubernetes executes them, and the gaps between them. As in Kubernetes, a run whose local time
 * is skipped by a clock change does not take place.
 */
import { Cron } from "croner";
import { dayGaps, runsOfDay } from "./schedule-days.ts";
import { clockChanges, localTime } from "./time-zone.ts";
import { readSchedule, type ScheduleFields } from "./schedule-rules.ts";

/** A cron expression and its time zone. */
export interface Timetable {
  readonly schedule: string;
  readonly timeZone: string;
}

export interface Gaps {
  readonly shortestSeconds: number;
  readonly longestSeconds: number;
}

/** Next runs after a given time, earliest first; fewer than requested only if the schedule is invalid. */
export const nextRuns = (timetable: Timetable, after: Date, count: number): Date[] =>
  firstOf(runsFrom(timetable, after, forwards), count);

/** Last runs before a given time, latest first. */
export const previousRuns = (timetable: Timetable, before: Date, count: number): Date[] =>
  firstOf(runsFrom(timetable, before, backwards), count);

export const nextRun = (timetable: Timetable, after: Date): Date | undefined => nextRuns(timetable, after, 1)[0];

export const previousRun = (timetable: Timetable, before: Date): Date | undefined =>
  previousRuns(timetable, before, 1)[0];

/**
 * Shortest and longest gap between two runs, including clock changes; undefined if Kubernetes would reject the
 * schedule.
 */
export function gapsBetweenRuns(timetable: Timetable): Gaps | undefined {
  const fields = readSchedule(timetable.schedule);
  if (!fields) return undefined;
  const times = runsOfDay(fields);
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  const between = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const days = dayGaps(fields);
  const overnight = (apart: number) => apart * 86_400 + first - last;
  return gapsAroundClockChanges(timetable, days.longest === 1 ? 1 : 28, {
    shortestSeconds: Math.min(overnight(days.shortest), ...between),
    longestSeconds: Math.max(overnight(days.longest), ...between),
  });
}

/** If every day has runs, one year covers all clock changes; otherwise weekdays matter, which repeat after 28 years. */
function gapsAroundClockChanges(timetable: Timetable, years: number, ordinary: Gaps): Gaps {
  let { shortestSeconds, longestSeconds } = ordinary;
  for (const change of clockChanges(timetable.timeZone, years)) {
    let previous = previousRun(timetable, new Date(change));
    const settled = change + 3 * 3_600_000;
    for (const run of previous ? runsFrom(timetable, previous, forwards) : []) {
      const gap = (run.getTime() - (previous ?? run).getTime()) / 1000;
      shortestSeconds = Math.min(shortestSeconds, gap);
      longestSeconds = Math.max(longestSeconds, gap);
      previous = run;
      if (run.getTime() >= settled) break;
    }
  }
  return { shortestSeconds, longestSeconds };
}

function firstOf(runs: Iterable<Date>, count: number): Date[] {
  const first: Date[] = [];
  if (count < 1) return first;
  for (const run of runs) if (first.push(run) >= count) break;
  return first;
}

type Step = (cron: Cron, from: Date) => Date | null;

const forwards: Step = (cron, from) => cron.nextRun(from);
const backwards: Step = (cron, from) => cron.previousRuns(1, from)[0] ?? null;

/** Yields the runs in order; none for an invalid schedule. */
function* runsFrom(timetable: Timetable, from: Date, step: Step): Generator<Date, void> {
  const fields = readSchedule(timetable.schedule);
  if (!fields || Number.isNaN(from.getTime())) return;
  const cron = new Cron(plainExpression(fields), { timezone: timetable.timeZone, paused: true });
  for (let at = step(cron, from); at; at = step(cron, at)) {
    if (runsAt(fields, at, timetable.timeZone)) yield at;
  }
}

/** Croner shifts a run that a clock change skips; Kubernetes drops it. */
function runsAt(fields: ScheduleFields, at: Date, timeZone: string): boolean {
  const { minute, hour } = localTime(at, timeZone);
  return fields.minutes.values.includes(minute) && fields.hours.values.includes(hour);
}

/** Numeric lists are unambiguous; shorthands such as `5/15` are interpreted differently. */
function plainExpression({ minutes, hours, daysOfMonth, months, weekdays }: ScheduleFields): string {
  return [minutes, hours, daysOfMonth, months, weekdays]
    .map((field) => (field.any ? "*" : field.values.join(",")))
    .join(" ");
}
