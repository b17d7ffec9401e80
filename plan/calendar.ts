/** When tests and the review of the plan are due. */
import type { CalendarEntry, Plan } from "./schema/plan.ts";
import type { Cadence } from "./schema/fields.ts";
import type { Timetable } from "./schedule.ts";

/** Most days that a cadence allows between two runs. */
export const cadenceDays: Readonly<Record<Cadence, number>> = { monthly: 31, quarterly: 92, annually: 366 };

const cadenceMonths: Readonly<Record<Cadence, number>> = { monthly: 1, quarterly: 3, annually: 12 };

/** When an entry is due: by its own schedule, or by that of the job which carries it out. */
export function timetableOf(plan: Pick<Plan, "backups">, entry: CalendarEntry): Timetable | undefined {
  if (entry.carriedOutBy) return plan.backups[entry.carriedOutBy];
  return entry.schedule && entry.timeZone ? { schedule: entry.schedule, timeZone: entry.timeZone } : undefined;
}

export interface Review {
  /** Day on which the plan must be reviewed. */
  readonly dueOn: string;
  /** Day on which people are reminded. */
  readonly remindOn: string;
}

/** When the plan must be reviewed next, counted from its last change. */
export function nextReview({ about, governance }: Pick<Plan, "about" | "governance">): Review {
  const due = addMonths(about.lastUpdated, cadenceMonths[about.reviewEvery]);
  const reminder = due.getTime() - governance.reviewReminder.seconds * 1000;
  return { dueOn: dayOf(due), remindOn: dayOf(new Date(reminder)) };
}

/** The same day some months later, or the last day of that month when it has no such day. */
function addMonths(day: string, months: number): Date {
  const [year = 0, month = 1, dayOfMonth = 1] = day.split("-").map(Number);
  const lastDay = new Date(Date.UTC(year, month - 1 + months + 1, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + months, Math.min(dayOfMonth, lastDay)));
}

const dayOf = (at: Date) => at.toISOString().slice(0, 10);
