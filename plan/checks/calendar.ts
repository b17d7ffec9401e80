/** Tests and reviews take place as often as required. */
import { cadenceDays, timetableOf } from "../calendar.ts";
import { daySeconds, formatSeconds } from "../duration.ts";
import { gapsBetweenRuns } from "../schedule.ts";
import type { CalendarEntry } from "../schema/plan.ts";
import { check, finding, repeated } from "./check.ts";

export const entriesKeepTheirCadence = check(["tests", "backups"], function* (plan) {
  yield* repeated(
    ["tests", "calendar"],
    plan.tests.calendar.map(({ id }) => id),
    "id",
  );
  for (const [index, entry] of plan.tests.calendar.entries()) {
    const timetable = timetableOf(plan, entry);
    const gap = timetable && gapsBetweenRuns(timetable)?.longestSeconds;
    // Rounded to days, because of clock changes.
    if (gap === undefined || Math.round(gap / daySeconds) <= cadenceDays[entry.every]) continue;
    const field = entry.carriedOutBy ? "carriedOutBy" : "schedule";
    yield finding(
      ["tests", "calendar", index, field],
      `it is due ${entry.every}, but two runs may be ${formatSeconds(gap)} apart`,
      "schedule it more often or change every",
    );
  }
});

export const entriesHaveOneTimetable = check(["tests"], function* ({ tests }) {
  for (const [index, { schedule, timeZone, carriedOutBy }] of tests.calendar.entries()) {
    const path = ["tests", "calendar", index];
    if (carriedOutBy && (schedule !== undefined || timeZone !== undefined)) {
      yield finding(
        [...path, schedule === undefined ? "timeZone" : "schedule"],
        `the schedule of ${carriedOutBy} applies`,
        "remove it here",
      );
    }
    if (carriedOutBy) continue;
    if (schedule === undefined)
      yield finding([...path, "schedule"], "an entry needs a schedule", "add schedule or carriedOutBy");
    if (timeZone === undefined)
      yield finding([...path, "timeZone"], "a schedule needs a time zone", "add e.g. Etc/UTC");
  }
});

type Kind = CalendarEntry["kind"];

const atLeast: readonly { kinds: readonly Kind[]; cadences: readonly CalendarEntry["every"][]; what: string }[] = [
  { kinds: ["restore-test"], cadences: ["monthly"], what: "restores must be tested at least monthly" },
  { kinds: ["notification-test"], cadences: ["monthly"], what: "alerts must be tested at least monthly" },
  { kinds: ["contact-check"], cadences: ["monthly"], what: "contacts must be checked at least monthly" },
  { kinds: ["drill"], cadences: ["monthly", "quarterly"], what: "a drill must take place at least quarterly" },
  { kinds: ["failover-test"], cadences: ["monthly", "quarterly"], what: "failover must be tested at least quarterly" },
];

export const requiredTestsAreScheduled = check(["tests"], function* ({ tests }) {
  for (const { kinds, cadences, what } of atLeast) {
    if (tests.calendar.some(({ kind, every }) => kinds.includes(kind) && cadences.includes(every))) continue;
    yield finding(["tests", "calendar"], what, `add an entry of kind ${kinds.join(" or ")}, ${cadences.at(-1)}`);
  }
});

export const reviewsAreAnnounced = check(["governance", "about"], function* ({ governance, about }) {
  if (governance.reviewReminder.seconds >= (cadenceDays[about.reviewEvery] - 3) * daySeconds) {
    yield finding(
      ["governance", "reviewReminder"],
      `the plan is reviewed ${about.reviewEvery}`,
      "use a shorter lead time than the review interval",
    );
  }
  for (const [index, { name, signedOn }] of governance.signOff.entries()) {
    if ((name === undefined) === (signedOn === undefined)) continue;
    yield finding(["governance", "signOff", index], "a signature needs a name and a date", "add both or neither");
  }
});

export const glanceShowsEachOnce = check(["glance"], ({ glance }) =>
  repeated(
    ["glance"],
    glance.map(({ shows }) => shows),
    "shows",
  ),
);
