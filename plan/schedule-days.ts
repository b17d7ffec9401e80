/** On which days a schedule runs, and how far apart those days may lie. */
import type { ScheduleFields } from "./schedule-rules.ts";

/** Seconds after midnight at which a day with runs has them, earliest first. */
export function runsOfDay({ hours, minutes }: ScheduleFields): number[] {
  return hours.values.flatMap((hour) => minutes.values.map((minute) => hour * 3600 + minute * 60));
}

/** Fewest and most days between two days that have runs, one right after the other. */
export interface DayGaps {
  readonly shortest: number;
  readonly longest: number;
}

/** How far apart the days with runs lie, over a whole cycle of weekdays and leap years. */
export function dayGaps(fields: ScheduleFields): DayGaps {
  if (fields.daysOfMonth.any && fields.weekdays.any && fields.months.values.length === 12) {
    return { shortest: 1, longest: 1 };
  }
  let [shortest, longest] = [Number.POSITIVE_INFINITY, 0];
  let previous: number | undefined;
  for (const day of daysWithRuns(fields)) {
    if (previous !== undefined) {
      shortest = Math.min(shortest, day - previous);
      longest = Math.max(longest, day - previous);
    }
    previous = day;
  }
  return { shortest, longest };
}

/** Days with runs, counted from the first day of 2024, which was a Monday. */
function* daysWithRuns(fields: ScheduleFields): Generator<number> {
  // Weekdays fall on the same dates again after 28 years, leap days come again after 4: one cycle and one leap day more.
  const years = fields.weekdays.any ? 9 : 28 + 5;
  let firstOfMonth = 0;
  for (let month = 0; month < years * 12; month += 1) {
    const length = daysInMonth(2024 + Math.floor(month / 12), (month % 12) + 1);
    if (fields.months.values.includes((month % 12) + 1)) {
      for (let day = 1; day <= length; day += 1) {
        const count = firstOfMonth + day - 1;
        if (hasRuns(fields, day, (count + 1) % 7)) yield count;
      }
    }
    firstOfMonth += length;
  }
}

/** Whether a day of a month with runs has some: when both day fields choose, either is enough. */
function hasRuns({ daysOfMonth, weekdays }: ScheduleFields, dayOfMonth: number, weekday: number): boolean {
  const byDate = daysOfMonth.any || daysOfMonth.values.includes(dayOfMonth);
  const byWeekday = weekdays.any || weekdays.values.includes(weekday);
  return daysOfMonth.any || weekdays.any ? byDate && byWeekday : byDate || byWeekday;
}

const daysInMonth = (year: number, month: number): number =>
  month === 2 ? (year % 4 === 0 ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
