import { expect } from "chai";
import { overdueJobs, type DueTimes, type Traces } from "../../../jobs/overdue/overdue.ts";
import type { Role } from "../../../contract/index.ts";

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

const due: DueTimes = {
  fullIntervalSeconds: hour,
  fullRunSeconds: 25 * minute,
  changesIntervalSeconds: 10 * minute,
  changesRunSeconds: 6 * minute,
  replicationSeconds: 15 * minute,
  importSeconds: 5 * minute,
  restoreTestIntervalSeconds: 31 * day,
  restoreTestRunSeconds: 5 * hour,
};

const now = Date.UTC(2026, 10, 24, 12);
const ago = (seconds: number): number => now - seconds * 1000;

/** A stack whose jobs all ran on time. */
const good: Traces = {
  full: [ago(2 * hour), ago(hour)],
  changes: [ago(20 * minute), ago(10 * minute)],
  standbyEvidence: ago(10 * minute),
  restoreTest: ago(23 * day),
  oldest: ago(300 * day),
};

const names = (role: Role, traces: Partial<Traces> = {}, watchingSince = ago(100 * day)): string[] =>
  overdueJobs(role, { ...good, ...traces }, due, { now, watchingSince }).map(({ job }) => job);

describe("overdue jobs", () => {
  for (const role of ["active", "standby", "isolated"] as const) {
    it(`are none if all ran, on a site that is ${role}`, () => expect(names(role)).to.be.empty);
  }

  it("are none on an isolated site, whatever is missing: no job needs to run there", () => {
    const nothing = { full: [], changes: [], standbyEvidence: undefined, restoreTest: undefined };
    expect(names("active", nothing)).not.to.be.empty;
    expect(names("isolated", nothing)).to.be.empty;
  });

  const limits: [string, Role, (seconds: number) => Partial<Traces>, number][] = [
    ["export", "active", (seconds) => ({ full: [ago(seconds)] }), hour + 25 * minute],
    ["export", "standby", (seconds) => ({ full: [ago(seconds)] }), hour + 40 * minute],
    ["export-changes", "active", (seconds) => ({ changes: [ago(seconds)] }), 16 * minute],
    ["export-changes", "standby", (seconds) => ({ changes: [ago(seconds)] }), 31 * minute],
    ["restore-verify", "active", (seconds) => ({ restoreTest: ago(seconds) }), 31 * day + 5 * hour],
    ["restore-verify", "standby", (seconds) => ({ restoreTest: ago(seconds) }), 31 * day + 5 * hour],
    [
      "standby-sync",
      "standby",
      (seconds) => ({ changes: [ago(seconds), ago(minute)], standbyEvidence: ago(seconds + 10 * minute) }),
      26 * minute,
    ],
    [
      "standby-sync",
      "standby",
      (seconds) => ({ full: [ago(seconds), ago(minute)], standbyEvidence: ago(seconds + 10 * minute) }),
      45 * minute,
    ],
  ];
  for (const [job, role, traces, limitSeconds] of limits) {
    it(`include ${job} of a site that is ${role} after ${limitSeconds} s, and not before`, () => {
      expect(names(role, traces(limitSeconds))).to.be.empty;
      expect(names(role, traces(limitSeconds + 2))).to.deep.equal([job]);
    });
  }

  it("include the delay of each", () => {
    const late = overdueJobs("active", { ...good, changes: [ago(17 * minute)] }, due, { now, watchingSince: 0 });
    expect(late).to.deep.equal([{ job: "export-changes", lateSeconds: 60 }]);
  });

  it("exclude the sync of an active site, which imports nothing", () => {
    expect(names("active", { standbyEvidence: undefined })).to.be.empty;
  });

  it("exclude the change export if each of its runs makes a full export", () => {
    const answered = Array.from({ length: 12 }, (_, index) => ago((12 - index) * 10 * minute));
    expect(names("active", { full: answered, changes: [] })).to.be.empty;
    expect(names("active", { full: [ago(65 * minute), ago(5 * minute)], changes: [] }), "on schedule").to.include(
      "export-changes",
    );
  });

  it("exclude the sync while all unverified recovery points are held back", () => {
    const waiting = { full: [ago(90 * minute), ago(30 * minute)], standbyEvidence: ago(100 * minute) };
    expect(names("standby", waiting)).to.deep.equal(["standby-sync"]);
    const held = { full: waiting.full, changes: good.changes };
    expect(names("standby", { ...waiting, held })).to.be.empty;
    expect(names("standby", { ...waiting, held: { full: [ago(30 * minute)], changes: good.changes } })).to.deep.equal([
      "standby-sync",
    ]);
  });

  it("include the sync of a standby that never verified anything", () => {
    const traces = { full: [ago(2 * hour)], changes: [ago(minute)], standbyEvidence: undefined };
    expect(names("standby", traces)).to.include("standby-sync");
  });

  it("allow a new standby the time of one import", () => {
    const behind = { standbyEvidence: undefined };
    expect(names("standby", behind, ago(5 * minute))).to.be.empty;
    expect(names("standby", behind, ago(5 * minute + 2))).to.deep.equal(["standby-sync"]);
  });

  describe("on a fresh stack", () => {
    const nothing: Traces = {
      full: [],
      changes: [],
      standbyEvidence: undefined,
      restoreTest: undefined,
      oldest: undefined,
    };

    it("are none before the first runs are due", () => {
      expect(names("active", nothing, ago(15 * minute))).to.be.empty;
    });

    it("include the exports once their first runs should have finished", () => {
      expect(names("active", nothing, ago(17 * minute))).to.deep.equal(["export-changes"]);
      expect(names("active", nothing, ago(2 * hour))).to.deep.equal(["export", "export-changes"]);
    });

    it("exclude the restore test, whose first run may be a month away", () => {
      expect(names("standby", { restoreTest: undefined, oldest: ago(30 * day) })).to.be.empty;
    });

    it("include the restore test if it did not run for more than a month", () => {
      const traces = { restoreTest: undefined, oldest: ago(32 * day) };
      expect(names("standby", traces, ago(minute))).to.deep.equal(["restore-verify"]);
    });
  });

  it("are detected immediately by a new watch on an old stack", () => {
    const stopped = { full: [], changes: [] };
    expect(names("active", stopped, now)).to.deep.equal(["export", "export-changes"]);
  });
});
