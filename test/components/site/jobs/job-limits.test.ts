import { expect } from "chai";
import { dueEnv, dueProblems } from "../../../../components/site/jobs/due-times.ts";
import { ownTimeLimitSeconds } from "../../../../components/site/jobs/run-time.ts";
import { scheduleProblems } from "../../../../components/site/jobs/schedule-problems.ts";
import { plan } from "../../../support/fixtures.ts";

const { backups } = plan;

describe("the time limit that a job sets itself", () => {
  for (const [limit, own] of [
    [10, 9],
    [300, 270],
    [1000, 900],
    [1001, 900],
    [1, 1],
  ] as const) {
    it(`is ${own} s of ${limit} s, so that it can still report why it failed`, () => {
      expect(ownTimeLimitSeconds(limit)).to.equal(own);
    });
  }
});

describe("schedules that Kubernetes handles badly", () => {
  const seconds = (value: number) => ({ iso: `PT${value}S`, seconds: value });
  const cases: [startDeadline: number, runTimeLimit: number, refused: string[]][] = [
    [10, 1, []],
    [9, 1, ["x.startDeadline"]],
    [0, 1, ["x.startDeadline"]],
    [Number.NaN, 1, ["x.startDeadline"]],
    [10, 0, ["x.runTimeLimit"]],
    [10, 0.5, ["x.runTimeLimit"]],
    [10, Number.NaN, ["x.runTimeLimit"]],
    [5, 0, ["x.startDeadline", "x.runTimeLimit"]],
  ];

  for (const [startDeadline, runTimeLimit, refused] of cases) {
    it(`${refused.join(" and ") || "none"}, to start within ${startDeadline} s and end within ${runTimeLimit} s`, () => {
      const schedule = {
        ...backups.fullExport,
        startDeadline: seconds(startDeadline),
        runTimeLimit: seconds(runTimeLimit),
      };
      expect(scheduleProblems("x", schedule).map(({ where }) => where)).to.deep.equal(refused);
    });
  }
});

describe("figures by which the watch decides", () => {
  it("count a run as overdue after the longest gap between two runs, not the usual one", () => {
    const uneven = { ...backups, fullExport: { ...backups.fullExport, schedule: "0 6,12,23 * * *" as const } };
    expect(dueEnv(uneven, 60)).to.deep.include({ name: "FULL_EXPORT_INTERVAL_SECONDS", value: String(11 * 3600) });
  });

  it("have a value each", () => {
    for (const { name, value } of dueEnv(backups, 60) as { name: string; value: string }[]) {
      expect(value, name).to.match(/^\d+$/);
    }
  });

  for (const [importSeconds, accepted] of [
    [1, true],
    [0.5, false],
    [-1, false],
    [Number.POSITIVE_INFINITY, false],
  ] as const) {
    it(`${accepted ? "accept" : "refuse"} ${importSeconds} s for an import`, () => {
      const refused = dueProblems(backups, importSeconds).map(({ where }) => where);
      expect(refused).to.deep.equal(accepted ? [] : ["importSeconds"]);
    });
  }

  it("name every schedule that is never due, and the import, at once", () => {
    const broken = Object.fromEntries(
      (["fullExport", "changeExport", "restoreTest"] as const).map((key) => [key, { ...backups[key], schedule: "x" }]),
    );
    const refused = dueProblems({ ...backups, ...broken }, 0).map(({ where }) => where);
    expect(refused).to.deep.equal([
      "backups.fullExport",
      "backups.changeExport",
      "backups.restoreTest",
      "importSeconds",
    ]);
  });
});
