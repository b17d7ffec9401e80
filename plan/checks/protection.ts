/** The chosen schedules keep the promises. */
import { formatSeconds, longestMonthSeconds } from "../duration.ts";
import { planWorstCaseLoss } from "../rpo.ts";
import { gapsBetweenRuns } from "../schedule.ts";
import { check, finding } from "./check.ts";

export const lossWithinRpo = check(["backups", "recovery", "tiers", "severities"], function* (plan) {
  const { met, withChangeExports, rpoSeconds } = planWorstCaseLoss(plan);
  if (met) return;
  yield finding(
    ["backups", "changeExport"],
    `the worst-case data loss is ${formatSeconds(withChangeExports.seconds)}, more than the RPO of ${formatSeconds(rpoSeconds)}`,
    "export changes more often, or lower its startDeadline and runTimeLimit",
  );
});

const jobs = ["fullExport", "changeExport", "restoreTest"] as const;

export const runsFitBetween = check(["backups"], function* ({ backups }) {
  for (const job of jobs) {
    const gap = gapsBetweenRuns(backups[job])?.shortestSeconds ?? 0;
    for (const limit of ["runTimeLimit", "startDeadline"] as const) {
      if (backups[job][limit].seconds < gap) continue;
      yield finding(
        ["backups", job, limit],
        `the next run is due after ${formatSeconds(gap)} and would be skipped`,
        "use less than that, or run less often",
      );
    }
  }
});

export const changesBetweenFullExports = check(["backups"], function* ({ backups }) {
  const [full, changes] = [gapsBetweenRuns(backups.fullExport), gapsBetweenRuns(backups.changeExport)];
  if (full && changes && changes.longestSeconds >= full.longestSeconds) {
    yield finding(
      ["backups", "changeExport", "schedule"],
      `full exports run every ${formatSeconds(full.longestSeconds)}`,
      "run change exports more often than that",
    );
  }
});

export const restoreTestMonthly = check(["backups"], function* ({ backups }) {
  const gap = gapsBetweenRuns(backups.restoreTest)?.longestSeconds ?? Number.POSITIVE_INFINITY;
  if (gap <= longestMonthSeconds) return;
  yield finding(
    ["backups", "restoreTest", "schedule"],
    `restores must be tested at least monthly, but two runs may be ${formatSeconds(gap)} apart`,
    "use e.g. 0 3 1 * *",
  );
});

export const retentionOutlastsRestoreTests = check(["backups"], function* ({ backups }) {
  const { retention, restoreTest } = backups;
  const gap = gapsBetweenRuns(restoreTest)?.longestSeconds ?? 0;
  if (retention.seconds < gap) {
    yield finding(
      ["backups", "retention"],
      `restore tests may be ${formatSeconds(gap)} apart, so recovery points could expire untested`,
      "keep them longer or test more often",
    );
  }
});

export const gradualLossIsDetected = check(["backups"], function* ({ backups }) {
  const { within } = backups.suspiciousShrink;
  const gap = gapsBetweenRuns(backups.changeExport)?.longestSeconds ?? Number.POSITIVE_INFINITY;
  if (within.seconds < 2 * gap) {
    yield finding(
      ["backups", "suspiciousShrink", "within"],
      `recovery points are made every ${formatSeconds(gap)}, so a gradual loss would be compared with only one of them`,
      `use at least ${formatSeconds(2 * gap)}`,
    );
  }
  if (within.seconds > backups.retention.seconds) {
    yield finding(
      ["backups", "suspiciousShrink", "within"],
      `recovery points are kept for ${formatSeconds(backups.retention.seconds)}`,
      "use less than that",
    );
  }
});

export const pollingKeepsUpWithExports = check(["backups"], function* ({ backups }) {
  const gap = gapsBetweenRuns(backups.changeExport)?.shortestSeconds ?? Number.POSITIVE_INFINITY;
  if (backups.standbySync.pollInterval.seconds >= gap) {
    yield finding(
      ["backups", "standbySync", "pollInterval"],
      `a recovery point may arrive every ${formatSeconds(gap)}`,
      "poll more often than that",
    );
  }
  if (backups.watch.interval.seconds >= gap) {
    yield finding(
      ["backups", "watch", "interval"],
      `a recovery point may arrive every ${formatSeconds(gap)}`,
      "publish its age more often than that",
    );
  }
});
