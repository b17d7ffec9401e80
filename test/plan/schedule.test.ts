import { expect } from "chai";
import fc from "fast-check";
import {
  gapsBetweenRuns,
  nextRun,
  nextRuns,
  previousRun,
  previousRuns,
  scheduleRefusal,
  timeZoneRefusal,
} from "../../plan/index.ts";

const utc = (schedule: string) => ({ schedule, timeZone: "Etc/UTC" });
const berlin = (schedule: string) => ({ schedule, timeZone: "Europe/Berlin" });
const iso = (runs: readonly Date[]) => runs.map((run) => run.toISOString().slice(0, 16));

describe("schedules accepted by Kubernetes", () => {
  for (const schedule of [
    "* * * * *",
    "0 * * * *",
    "*/10 * * * *",
    "5/15 * * * *",
    "0 3 1 * *",
    "0 0 29 2 *",
    "0 9 10 1,4,7,10 *",
    "0 0 ? * MON-FRI",
    "30 2-6/2 * jan-mar,DEC 0",
    "0  0 * * *",
  ]) {
    it(schedule, () => {
      expect(scheduleRefusal(schedule)).to.equal(undefined);
      expect(nextRun(utc(schedule), new Date("2026-01-01T00:00:00Z"))).to.be.instanceOf(Date);
    });
  }

  for (const [schedule, why] of [
    ["", "five fields"],
    ["* * * *", "five fields"],
    ["0 0 * * * *", "five fields"],
    ["@every 1h", "five fields"],
    ["60 * * * *", "minute"],
    ["0 24 * * *", "hour"],
    ["0 0 0 * *", "day of month"],
    ["0 0 * 13 *", "month"],
    ["0 0 * * 7", "day of week"],
    ["0 0 L * *", "day of month"],
    ["0 0 15W * *", "day of month"],
    ["0 0 * * MON#1", "day of week"],
    ["*/0 * * * *", "minute"],
    ["10-5 * * * *", "minute"],
    ["1,,2 * * * *", "minute"],
    ["-1 * * * *", "minute"],
    ["1/2/3 * * * *", "minute"],
    ["1-2-3 * * * *", "minute"],
    ["0 0 30 2 *", "no month"],
    ["0 0 31 4,6,9,11 *", "no month"],
  ] as const) {
    it(`${JSON.stringify(schedule)} is rejected`, () => {
      expect(scheduleRefusal(schedule)?.rule).to.contain(why);
      expect(scheduleRefusal(schedule)?.remedy).to.not.equal("");
      expect(gapsBetweenRuns(utc(schedule))).to.equal(undefined);
      expect(nextRuns(utc(schedule), new Date(0), 3)).to.deep.equal([]);
    });
  }

  for (const zone of ["Etc/UTC", "UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+1"]) {
    it(`${zone} is a time zone`, () => expect(timeZoneRefusal(zone)).to.equal(undefined));
  }
  for (const zone of ["", "Local", "europe/berlin", "Mars/Base", "+01:00", "Europe/Berlin "]) {
    it(`${JSON.stringify(zone)} is not a time zone`, () => expect(timeZoneRefusal(zone)?.remedy).to.contain("Etc/UTC"));
  }
});

describe("runs of a schedule", () => {
  it("count in the schedule's time zone", () => {
    const summer = new Date("2026-07-01T00:00:00Z");
    expect(iso(nextRuns(berlin("0 3 * * *"), summer, 2))).to.deep.equal(["2026-07-01T01:00", "2026-07-02T01:00"]);
    expect(iso(previousRuns(berlin("0 3 * * *"), summer, 2))).to.deep.equal(["2026-06-30T01:00", "2026-06-29T01:00"]);
  });

  it("exclude the start time", () => {
    const at = new Date("2026-07-01T10:00:00Z");
    expect(iso(nextRuns(utc("0 * * * *"), at, 1))).to.deep.equal(["2026-07-01T11:00"]);
    expect(iso(previousRuns(utc("0 * * * *"), at, 1))).to.deep.equal(["2026-07-01T09:00"]);
  });

  it("skip times that a clock change skips, as in Kubernetes", () => {
    const before = new Date("2026-03-28T12:00:00Z");
    expect(iso(nextRuns(berlin("30 2 * * *"), before, 2))).to.deep.equal(["2026-03-30T00:30", "2026-03-31T00:30"]);
    const after = new Date("2026-03-30T00:00:00Z");
    expect(iso(previousRuns(berlin("30 2 * * *"), after, 1))).to.deep.equal(["2026-03-28T01:30"]);
  });

  it("continue hourly while clocks are set back", () => {
    const runs = nextRuns(berlin("0 * * * *"), new Date("2026-10-24T23:30:00Z"), 4);
    expect(iso(runs)).to.deep.equal(["2026-10-25T00:00", "2026-10-25T01:00", "2026-10-25T02:00", "2026-10-25T03:00"]);
  });

  it("match either day field if both are restricted, and step from a single number", () => {
    const runs = nextRuns(utc("0 0 13 * FRI"), new Date("2026-02-01T00:00:00Z"), 4);
    expect(iso(runs)).to.deep.equal(["2026-02-06T00:00", "2026-02-13T00:00", "2026-02-20T00:00", "2026-02-27T00:00"]);
    expect(iso(nextRuns(utc("40/15 0 * * *"), new Date("2026-02-01T00:00:00Z"), 2))).to.deep.equal([
      "2026-02-01T00:40",
      "2026-02-01T00:55",
    ]);
  });

  it("are as many as requested", () => {
    for (const count of [0, 1, 5]) expect(nextRuns(utc("0 * * * *"), new Date(0), count)).to.have.length(count);
  });

  it("are empty for an invalid date", () =>
    expect(nextRun(utc("0 * * * *"), new Date(Number.NaN))).to.equal(undefined));
});

/** Any Kubernetes schedule that runs at least yearly, with lists, ranges and steps. */
const field = (low: number, high: number) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant("*") },
    fc.integer({ min: low, max: high }).map(String),
    fc.uniqueArray(fc.integer({ min: low, max: high }), { minLength: 1, maxLength: 4 }).map((list) => list.join(",")),
    fc
      .tuple(fc.integer({ min: low, max: high }), fc.integer({ min: low, max: high }))
      .map((ends) => `${Math.min(...ends)}-${Math.max(...ends)}`),
    fc.integer({ min: 2, max: high }).map((step) => `*/${step}`),
  );
const anySchedule = fc
  .tuple(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6))
  .map((parts) => parts.join(" "));

/** Reference implementation of a field. */
function matches(written: string, value: number, low: number): boolean {
  if (written === "*") return true;
  if (written.startsWith("*/")) return (value - low) % Number(written.slice(2)) === 0;
  return written.split(",").some((item) => {
    const [from = Number.NaN, to = from] = item.split("-").map(Number);
    return value >= from && value <= to;
  });
}

function runsAt(schedule: string, at: Date): boolean {
  const [minute = "", hour = "", dayOfMonth = "", month = "", weekday = ""] = schedule.split(" ");
  const byDate = matches(dayOfMonth, at.getUTCDate(), 1);
  const byWeekday = matches(weekday, at.getUTCDay(), 0);
  const open = dayOfMonth === "*" || weekday === "*";
  return (
    matches(minute, at.getUTCMinutes(), 0) &&
    matches(hour, at.getUTCHours(), 0) &&
    matches(month, at.getUTCMonth() + 1, 1) &&
    (open ? byDate && byWeekday : byDate || byWeekday)
  );
}

describe("any schedule", () => {
  it("runs next at the first matching minute, and last at the previous one", () => {
    const moments = fc.date({ min: new Date("2025-01-01"), max: new Date("2028-01-01"), noInvalidDate: true });
    fc.assert(
      fc.property(anySchedule, moments, (schedule, from) => {
        const next = nextRun(utc(schedule), from);
        const previous = next && previousRun(utc(schedule), next);
        if (!next || !previous) throw new Error(`${schedule} never runs`);
        expect(runsAt(schedule, next) && runsAt(schedule, previous)).to.equal(true);
        expect(previous.getTime()).to.be.at.most(from.getTime());
        const end = Math.min(next.getTime(), previous.getTime() + 3 * 86_400_000);
        for (let at = previous.getTime() + 60_000; at < end; at += 60_000)
          expect(runsAt(schedule, new Date(at))).to.equal(false);
      }),
      { numRuns: 25 },
    );
  });

  it("never has a gap outside the computed ones, and attains both", () => {
    fc.assert(
      fc.property(anySchedule, (schedule) => {
        const gaps = gapsBetweenRuns(utc(schedule));
        if (!gaps) throw new Error(`${schedule} has no gaps`);
        expect(gaps.shortestSeconds).to.be.at.most(gaps.longestSeconds);
        let previous = nextRun(utc(schedule), new Date("2026-01-01T00:00:00Z"));
        for (const run of previous ? nextRuns(utc(schedule), previous, 100) : []) {
          expect((run.getTime() - (previous?.getTime() ?? 0)) / 1000).to.be.within(
            gaps.shortestSeconds,
            gaps.longestSeconds,
          );
          previous = run;
        }
      }),
      { numRuns: 25 },
    );
  });

  it("stays within the computed gaps across a clock change", () => {
    fc.assert(
      fc.property(
        anySchedule,
        fc.constantFrom("Europe/Berlin", "Australia/Lord_Howe", "America/New_York"),
        (schedule, timeZone) => {
          const gaps = gapsBetweenRuns({ schedule, timeZone });
          if (!gaps) throw new Error(`${schedule} has no gaps`);
          for (const around of [
            "2026-03-08T00:00:00Z",
            "2026-03-28T20:00:00Z",
            "2026-04-04T10:00:00Z",
            "2026-10-03T10:00:00Z",
            "2026-10-24T22:00:00Z",
            "2026-11-01T00:00:00Z",
          ]) {
            let previous = previousRun({ schedule, timeZone }, new Date(around));
            for (const run of previous ? nextRuns({ schedule, timeZone }, previous, 12) : []) {
              expect((run.getTime() - (previous?.getTime() ?? 0)) / 1000).to.be.within(
                gaps.shortestSeconds,
                gaps.longestSeconds,
              );
              previous = run;
            }
          }
        },
      ),
      { numRuns: 12 },
    );
  });
});

describe("longest gaps", () => {
  const day = 86_400;
  for (const [schedule, timeZone, shortest, longest] of [
    ["*/10 * * * *", "Etc/UTC", 600, 600],
    ["*/7 * * * *", "Etc/UTC", 4 * 60, 7 * 60],
    ["0,45 * * * *", "Etc/UTC", 900, 2700],
    ["0 * * * *", "Europe/Berlin", 3600, 3600],
    ["0 9-17 * * MON-FRI", "Etc/UTC", 3600, 2 * day + 16 * 3600],
    ["0 3 1 * *", "Etc/UTC", 28 * day, 31 * day],
    ["0 3 1 * *", "Europe/Berlin", 28 * day, 31 * day + 3600],
    ["0 9 10 1,4,7,10 *", "Etc/UTC", 90 * day, 92 * day],
    ["0 9 15 1 *", "Etc/UTC", 365 * day, 366 * day],
    ["0 0 29 2 *", "Etc/UTC", 1461 * day, 1461 * day],
    ["30 2 * * *", "Europe/Berlin", day, 47 * 3600],
    ["0 4 * * *", "Europe/Berlin", 23 * 3600, 25 * 3600],
    ["0 4 * * *", "Australia/Lord_Howe", 23.5 * 3600, 24.5 * 3600],
    ["0 12 * * *", "Asia/Tokyo", day, day],
  ] as const) {
    it(`${schedule} in ${timeZone}`, () => {
      expect(gapsBetweenRuns({ schedule, timeZone })).to.deep.equal({
        shortestSeconds: shortest,
        longestSeconds: longest,
      });
    });
  }
});
