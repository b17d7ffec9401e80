/** Days on which a schedule runs, and the gaps between them. */
import type { ScheduleFields } from "./schedule-rules.ts";

/** Times of the runs on a day with runs, in seconds after midnight, earliest first. */
export function runsOfDay({ hours, minutes }: ScheduleFields): number[] {
  return hours.values.flatMap((hour) => minutes.values.map((minute) => hour * 3600 + minute * 60));
}

/** Fewest and most days between two consecutive days with runs. */
export interface DayGaps {
  readonly shortest: number;
  readonly longest: number;
}

/** Gaps between days with runs, over a complete cycle of weekdays and leap years. */
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

/** Days with runs, numbered from Monday, 2024-01-01. */
function* daysWithRuns(fields: ScheduleFields): Generator<number> {
  // Weekdays repeat on the same dates after 28 years, leap days after 4; one cycle plus one leap day.
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

/** Whether a day has runs: if both day fields are restricted, matching either is sufficient. */
function hasRuns({ daysOfMonth, weekdays }: ScheduleFields, dayOfMonth: number, weekday: number): boolean {
  const byDate = daysOfMonth.any || daysOfMonth.values.includes(dayOfMonth);
  const byWeekday = weekdays.any || weekdays.values.includes(weekday);
  return daysOfMonth.any || weekdays.any ? byDate && byWeekday : byDate || byWeekday;
}

const daysInMonth = (year: number, month: number): number =>
  month === 2 ? (year % 4 === 0 ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
