/**
 * Validates schedules for Kubernetes CronJobs: five-field expressions and IANA time zones. Extensions of other cron
 * implementations (seconds, `L`, `W`, `#`, Sunday as 7) are rejected here rather than at deployment.
 */

import type { Refusal } from "./problems.ts";

interface Field {
  readonly name: string;
  readonly lowest: number;
  readonly highest: number;
  readonly names?: readonly string[];
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const fields: readonly Field[] = [
  { name: "minute", lowest: 0, highest: 59 },
  { name: "hour", lowest: 0, highest: 23 },
  { name: "day of month", lowest: 1, highest: 31 },
  { name: "month", lowest: 1, highest: 12, names: months },
  { name: "day of week", lowest: 0, highest: 6, names: weekdays },
];

/** Matching values of one field; `any` if the field is unrestricted. */
interface FieldValues {
  readonly any: boolean;
  readonly values: readonly number[];
}

/** A parsed schedule. */
export interface ScheduleFields {
  readonly minutes: FieldValues;
  readonly hours: FieldValues;
  readonly daysOfMonth: FieldValues;
  readonly months: FieldValues;
  readonly weekdays: FieldValues;
}

/** Parses a schedule; undefined if Kubernetes would reject it or never run it. */
export function readSchedule(expression: string): ScheduleFields | undefined {
  const outcome = readFields(expression);
  return "rule" in outcome ? undefined : outcome;
}

/** Why Kubernetes would reject the schedule or never run it; undefined: it is valid. */
export function scheduleRefusal(expression: string): Refusal | undefined {
  const outcome = readFields(expression);
  return "rule" in outcome ? outcome : undefined;
}

function readFields(expression: string): ScheduleFields | Refusal {
  const written = expression.split(" ").filter((part) => part !== "");
  if (written.length !== fields.length || /[^\S ]/.test(expression)) {
    return {
      rule: "a schedule has five fields: minute, hour, day of month, month, day of week",
      remedy: "write e.g. 0 * * * * for every hour or 0 3 1 * * for 03:00 on the first of each month",
    };
  }
  const read = fields.map((field, index) => readField(written[index] ?? "", field));
  const refused = read.find((outcome): outcome is Refusal => "rule" in outcome);
  if (refused) return refused;
  const [minutes, hours, daysOfMonth, monthsOfYear, days] = read as FieldValues[];
  const schedule = { minutes, hours, daysOfMonth, months: monthsOfYear, weekdays: days } as ScheduleFields;
  return neverRuns(schedule) ?? schedule;
}

function readField(written: string, field: Field): FieldValues | Refusal {
  const values = new Set<number>();
  for (const item of written.split(",")) {
    const range = readRange(item, field);
    if (!range) return refusalOf(written, field);
    for (let value = range.first; value <= range.last; value += range.step) values.add(value);
  }
  return { any: written.split(",").some(isAny), values: [...values].sort((a, b) => a - b) };
}

function readRange(item: string, field: Field): { first: number; last: number; step: number } | undefined {
  const [range = "", step, ...more] = item.split("/");
  const stride = step === undefined ? 1 : wholeNumber(step);
  if (more.length > 0 || stride === undefined || stride < 1) return undefined;
  if (range === "*" || range === "?") return { first: field.lowest, last: field.highest, step: stride };
  const [from = "", to, ...rest] = range.split("-");
  const first = valueOf(from, field);
  // Kubernetes interprets 5/15 as "from 5 to the end, every 15".
  const last = to === undefined ? (step === undefined ? first : field.highest) : valueOf(to, field);
  if (rest.length > 0 || first === undefined || last === undefined || last < first) return undefined;
  return { first, last, step: stride };
}

function valueOf(written: string, field: Field): number | undefined {
  const named = field.names?.indexOf(written.toLowerCase()) ?? -1;
  const value = named >= 0 ? named + field.lowest : wholeNumber(written);
  return value !== undefined && value >= field.lowest && value <= field.highest ? value : undefined;
}

/** Kubernetes treats a day field with a plain `*` as unrestricted, so that only the other day field applies. */
const isAny = (item: string) => /^[*?](?:\/0*1)?$/.test(item);

const wholeNumber = (written: string) => (/^\d{1,4}$/.test(written) ? Number(written) : undefined);

function refusalOf(written: string, field: Field): Refusal {
  return {
    rule: `${field.name} is ${JSON.stringify(written)}, but Kubernetes takes ${field.lowest} to ${field.highest}, *, lists, ranges and steps`,
    remedy:
      field.name === "day of week" && /7/.test(written) ? "write Sunday as 0" : `write e.g. *, ${field.lowest} or */2`,
  };
}

const longestMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function neverRuns({ daysOfMonth, months: when, weekdays: days }: ScheduleFields): Refusal | undefined {
  if (!days.any) return undefined;
  const firstDay = Math.min(...daysOfMonth.values);
  if (when.values.some((month) => firstDay <= (longestMonth[month - 1] ?? 0))) return undefined;
  return { rule: "no month of the schedule has such a day, so it would never run", remedy: "choose a day up to 28" };
}

/** Why Kubernetes would reject the time zone; undefined: it is valid. */
export function timeZoneRefusal(zone: string): Refusal | undefined {
  const refusal = { rule: "must be an IANA time zone, spelt exactly", remedy: "write e.g. Etc/UTC or Europe/Berlin" };
  // On Linux, zones are files, so case matters to Kubernetes though not to Intl.
  if (!/^[A-Z][A-Za-z0-9_+-]*(?:\/[A-Z][A-Za-z0-9_+-]*)*$/.test(zone) || zone === "Local") return refusal;
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return undefined;
  } catch {
    return refusal;
  }
}
