/**
 * ISO 8601 durations and their length in seconds. Months and years are rejected, because their length depends on the
 * calendar.
 */

import type { Refusal } from "./problems.ts";

/** A duration as written in the plan, and in seconds. */
export interface Duration {
  readonly iso: string;
  readonly seconds: number;
}

/** Pattern for editors; `readDuration` is authoritative. */
export const durationPattern =
  /^P(?:\d{1,6}W|(?=\d|T)(?:\d{1,6}D)?(?:T(?=\d)(?:\d{1,9}H)?(?:\d{1,9}M)?(?:\d{1,9}S)?)?)$/;

/** Seconds of a day in UTC. */
export const daySeconds = 86_400;

/** Seconds of the longest month: 31 days, in which clocks are set back by up to two hours. */
export const longestMonthSeconds = 31 * daySeconds + 2 * 3_600;

const secondsOf = { week: 604_800, day: daySeconds, hour: 3_600, minute: 60 } as const;

const parts =
  /^P(?:(?<weeks>\d{1,6})W|(?:(?<days>\d{1,6})D)?(?:T(?:(?<hours>\d{1,9})H)?(?:(?<minutes>\d{1,9})M)?(?:(?<seconds>\d{1,9})S)?)?)$/;

const calendarPart = /^P\d+[YM]|^P(?:\d+[A-Z])*?\d+[YM](?:\d|T|$)/;

/** Parses an ISO 8601 duration; returns a refusal if it is invalid. */
export function readDuration(text: string): Duration | Refusal {
  if (!durationPattern.test(text)) return refusalOf(text);
  const found = parts.exec(text)?.groups ?? {};
  const amount = (name: string) => Number(found[name] ?? 0);
  const seconds =
    amount("weeks") * secondsOf.week +
    amount("days") * secondsOf.day +
    amount("hours") * secondsOf.hour +
    amount("minutes") * secondsOf.minute +
    amount("seconds");
  return { iso: text, seconds };
}

export const isDuration = (read: Duration | Refusal): read is Duration => "seconds" in read;

function refusalOf(text: string): Refusal {
  if (calendarPart.test(text)) {
    return {
      rule: "months and years have no fixed length",
      remedy: "use days, e.g. P35D; minutes follow the T, e.g. PT15M",
    };
  }
  return {
    rule: "must be an ISO 8601 duration in whole weeks, days, hours, minutes or seconds",
    remedy: "use e.g. PT30S, PT15M, PT1H30M, P35D or P2W",
  };
}

/** Formats seconds for people, e.g. `1 h 30 min`, `43 min 12 s`, `35 d`. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return "unknown";
  if (seconds < 0) return `-${formatSeconds(-seconds)}`;
  const rounded = Math.round(seconds * 10) / 10;
  const fields: [number, string][] = [
    [Math.floor(rounded / secondsOf.day), "d"],
    [Math.floor((rounded % secondsOf.day) / secondsOf.hour), "h"],
    [Math.floor((rounded % secondsOf.hour) / secondsOf.minute), "min"],
    [Math.round((rounded % secondsOf.minute) * 10) / 10, "s"],
  ];
  const written = fields.filter(([amount]) => amount > 0).map(([amount, unit]) => `${amount} ${unit}`);
  return written.length > 0 ? written.join(" ") : "0 s";
}
