/** On which days a schedule runs, and how far apart those days may lie. */
import type { ScheduleFields } from "./schedule-rules.ts";

/** Seconds after midnight at which a day with runs has them, earliest first. */
export function runsOfDay({ hours, minutes }: ScheduleFields): number[] {
  return hours.values.flatMap((hour) => minutes.values.map((minute) => hour * 3600 + minute * 60));
}

/** Most days between two days that have runs. */
export const longestDayGap = (fields: ScheduleFields): number => Math.max(...dayGaps(fields));

/** Fewest days between two days that have runs. */
export const shortestDayGap = (fields: ScheduleFields): number => Math.min(...dayGaps(fields));

/** Whether a day has runs: when both day fields choose, either is enough. */
export function hasRuns(fields: ScheduleFields, month: number, dayOfMonth: number, weekday: number): boolean {
  if (!fields.months.values.includes(month)) return false;
  const byDate = fields.daysOfMonth.values.includes(dayOfMonth);
  const byWeekday = fields.weekdays.values.includes(weekday);
  return fields.daysOfMonth.any || fields.weekdays.any ? byDate && byWeekday : byDate || byWeekday;
}

const daysInMonth = (year: number, month: number) =>
  month === 2 ? (year % 4 === 0 ? 29 : 28) : 30 + ((month + (month > 7 ? 1 : 0)) % 2);

/** Weekdays and leap years repeat every 28 years; one more cycle of leap years closes the last gap. */
const years = { first: 2024, last: 2024 + 28 + 4 } as const;

function dayGaps(fields: ScheduleFields): Set<number> {
  if (fields.daysOfMonth.any && fields.weekdays.any && fields.months.values.length === 12) return new Set([1]);
  const gaps = new Set<number>();
  let sinceLast: number | undefined;
  let weekday = 1; // 2024 began on a Monday.
  for (let year: number = years.first; year <= years.last; year += 1) {
    for (let month = 1; month <= 12; month += 1) {
      for (let day = 1; day <= daysInMonth(year, month); day += 1) {
        if (sinceLast !== undefined) sinceLast += 1;
        if (hasRuns(fields, month, day, weekday)) {
          if (sinceLast !== undefined) gaps.add(sinceLast);
          sinceLast = 0;
        }
        weekday = (weekday + 1) % 7;
      }
    }
  }
  return gaps;
}
