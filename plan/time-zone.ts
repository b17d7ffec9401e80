/** Local time of a time zone, and its clock changes. */

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  formats.set(timeZone, made);
  return made;
}

export interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** Local time of a zone at a given instant. */
export function localTime(at: Date, timeZone: string): LocalTime {
  const found = new Map(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes) => found.get(name) ?? Number.NaN;
  return {
    year: part("year"),
    month: part("month"),
    day: part("day"),
    hour: part("hour"),
    minute: part("minute"),
    second: part("second"),
  };
}

/** Offset of the zone from UTC, in milliseconds. */
function offsetMilliseconds(at: number, timeZone: string): number {
  const { year, month, day, hour, minute, second } = localTime(new Date(at), timeZone);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

const week = 7 * 86_400_000;

/** A fixed year, so that results do not depend on the current date. */
const firstYear = Date.UTC(2026, 0, 1);

/** Instants of the zone's clock changes, over some years from 2026. */
export function clockChanges(timeZone: string, years: number): number[] {
  if (/^(?:Etc\/|UTC$)/.test(timeZone)) return [];
  const changes: number[] = [];
  const end = firstYear + years * 366 * 86_400_000;
  let offset = offsetMilliseconds(firstYear, timeZone);
  for (let at = firstYear; at < end; at += week) {
    const next = offsetMilliseconds(at + week, timeZone);
    if (next !== offset) changes.push(changeBetween(at, at + week, timeZone));
    offset = next;
  }
  return changes;
}

function changeBetween(before: number, after: number, timeZone: string): number {
  const old = offsetMilliseconds(before, timeZone);
  let [low, high] = [before, after];
  while (high - low > 1000) {
    const middle = low + Math.floor((high - low) / 2000) * 1000;
    if (offsetMilliseconds(middle, timeZone) === old) low = middle;
    else high = middle;
  }
  return high;
}
