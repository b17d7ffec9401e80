import { formatSeconds, gapsBetweenRuns, strictestRpoSeconds, worstCaseLossSeconds, type Plan } from "../plan/index.ts";
import { kubernetesNames, type Role } from "../contract/index.ts";
import { findCronJob, stackPlan, siteRule, stackSetting, type CronJobFound, type Report } from "./reading/index.ts";

/** Fails closed: a missing, renamed, unreadable or wrongly suspended export job is a violation. */
export const worstCaseLossWithinRpo = siteRule({
  name: "worst-case-loss-within-rpo",
  description: "What a disaster can cost with the deployed export schedules stays within the recovery point objective.",
  check: (resources, report) => {
    const [plan, role] = [stackPlan(), stackSetting("role")];
    const full = findCronJob(resources, kubernetesNames.exportJob, report);
    const changes = findCronJob(resources, kubernetesNames.changeExportJob, report);
    for (const job of [full, changes]) {
      if (job === undefined) continue;
      checkSuspension(job, role, report);
      checkOverlap(job, report);
    }
    if (full !== undefined) checkFullExports(full, plan, report);
    if (changes !== undefined) checkLoss(changes, plan, report);
  },
});

/** Exactly one site writes: neither none nor both. */
function checkSuspension({ name, urn, suspended }: CronJobFound, role: Role, report: Report): void {
  if (role === "active" && suspended) {
    report(`${name} is suspended on the active site, so nothing is exported; resume it`, urn);
  }
  if (role !== "active" && !suspended) {
    report(`${name} runs on a site that is ${role}, so two sites would write recovery points; suspend it`, urn);
  }
}

function checkOverlap(job: CronJobFound, report: Report): void {
  const { name, urn, concurrencyPolicy, gaps, runTimeLimitSeconds } = job;
  if (concurrencyPolicy !== "Forbid") {
    const value = concurrencyPolicy ?? "missing";
    report(`${name}: concurrencyPolicy is ${value}, it must be Forbid, or two runs could write the same slot`, urn);
  }
  if (!(gaps !== undefined && runTimeLimitSeconds < gaps.shortestSeconds)) {
    report(
      `${name}: activeDeadlineSeconds is ${shown(runTimeLimitSeconds)}, it must be below the shortest interval of ` +
        `${shown(gaps?.shortestSeconds)} s, or the next run is skipped; lower the run time limit or run less often`,
      urn,
    );
  }
}

/** Tables without a changefeed are in full exports only, so these must run as often as the plan promises. */
function checkFullExports({ name, urn, gaps }: CronJobFound, plan: Plan, report: Report): void {
  const promised = gapsBetweenRuns(plan.backups.fullExport)?.longestSeconds ?? Number.NaN;
  if (gaps !== undefined && gaps.longestSeconds <= promised) return;
  report(
    `${name}: up to ${shown(gaps?.longestSeconds)} s between two runs, the plan promises ${shown(promised)} s; ` +
      `use the schedule and time zone of the plan`,
    urn,
  );
}

function checkLoss(changes: CronJobFound, plan: Plan, report: Report): void {
  const rpoSeconds = strictestRpoSeconds(plan);
  const lossSeconds = worstCaseLossSeconds({
    intervalSeconds: changes.gaps?.longestSeconds,
    startDelaySeconds: changes.startDeadlineSeconds,
    runSeconds: changes.runTimeLimitSeconds,
    replicationSeconds: plan.backups.replicationBound.seconds,
  });
  if (lossSeconds <= rpoSeconds) return;
  report(
    `${changes.name}: worst-case loss is ${formatSeconds(lossSeconds)} (interval ${shown(changes.gaps?.longestSeconds)} s + start ` +
      `deadline ${shown(changes.startDeadlineSeconds)} s + run time limit ${shown(changes.runTimeLimitSeconds)} s + replication ` +
      `${plan.backups.replicationBound.seconds} s), the objective is ${formatSeconds(rpoSeconds)}; export more often or lower the limits`,
    changes.urn,
  );
}

const shown = (seconds: number | undefined): string =>
  seconds === undefined || Number.isNaN(seconds) ? "unknown" : String(seconds);
