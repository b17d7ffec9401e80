/** Tests and reviews come round as often as they must. */
import { cadenceDays, timetableOf } from "../calendar.ts";
import { formatSeconds } from "../duration.ts";
import { gapsBetweenRuns } from "../schedule.ts";
import type { CalendarEntry } from "../schema/plan.ts";
import { check, finding, repeated } from "./check.ts";

const secondsOfDay = 86_400;

export const entriesKeepTheirCadence = check(["tests", "backups"], function* (plan) {
  yield* repeated(
    ["tests", "calendar"],
    plan.tests.calendar.map(({ id }) => id),
    "id",
  );
  for (const [index, entry] of plan.tests.calendar.entries()) {
    const timetable = timetableOf(plan, entry);
    const gap = timetable && gapsBetweenRuns(timetable)?.longestSeconds;
    // Whole days, because the clocks may be changed in between.
    if (gap === undefined || Math.round(gap / secondsOfDay) <= cadenceDays[entry.every]) continue;
    const field = entry.carriedOutBy ? "carriedOutBy" : "schedule";
    yield finding(
      ["tests", "calendar", index, field],
      `${formatSeconds(gap)} may pass, but it is due ${entry.every}`,
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
        `the schedule of ${carriedOutBy} counts`,
        "remove it here",
      );
    }
    if (carriedOutBy) continue;
    if (schedule === undefined)
      yield finding([...path, "schedule"], "an entry is due at some time", "write a schedule or carriedOutBy");
    if (timeZone === undefined)
      yield finding([...path, "timeZone"], "a schedule counts in a time zone", "write e.g. Etc/UTC");
  }
});

type Kind = CalendarEntry["kind"];

const atLeast: readonly { kinds: readonly Kind[]; cadences: readonly CalendarEntry["every"][]; what: string }[] = [
  { kinds: ["restore-test"], cadences: ["monthly"], what: "a restore is tested at least monthly" },
  { kinds: ["notification-test"], cadences: ["monthly"], what: "alerts are tested at least monthly" },
  { kinds: ["contact-check"], cadences: ["monthly"], what: "contacts are checked at least monthly" },
  { kinds: ["drill"], cadences: ["monthly", "quarterly"], what: "a drill takes place at least quarterly" },
  { kinds: ["failover-test"], cadences: ["monthly", "quarterly"], what: "a failover is tested at least quarterly" },
];

export const whatMustBeTestedIs = check(["tests"], function* ({ tests }) {
  for (const { kinds, cadences, what } of atLeast) {
    if (tests.calendar.some(({ kind, every }) => kinds.includes(kind) && cadences.includes(every))) continue;
    yield finding(["tests", "calendar"], what, `add an entry of kind ${kinds.join(" or ")}, ${cadences.at(-1)}`);
  }
});

export const reviewsAreAnnounced = check(["governance", "about"], function* ({ governance, about }) {
  if (governance.reviewReminder.seconds >= (cadenceDays[about.reviewEvery] - 3) * secondsOfDay) {
    yield finding(
      ["governance", "reviewReminder"],
      `the plan is reviewed ${about.reviewEvery}`,
      "remind people later than the last review",
    );
  }
  for (const [index, { name, signedOn }] of governance.signOff.entries()) {
    if ((name === undefined) === (signedOn === undefined)) continue;
    yield finding(["governance", "signOff", index], "a signature has a name and a day", "write both or neither");
  }
});

export const glanceShowsEachOnce = check(["glance"], ({ glance }) =>
  repeated(
    ["glance"],
    glance.map(({ shows }) => shows),
    "shows",
  ),
);
