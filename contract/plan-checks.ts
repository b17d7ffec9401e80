/** Checks of the plan that depend on the platform: reserved names, and limits of AWS and Kubernetes. */
import { check, daySeconds, finding, placed, type Check } from "../plan/index.ts";
import { kubernetesNames, reservedNames, reservedVariables } from "./kubernetes-names.ts";
import { platformLimits } from "./platform-limits.ts";

const { s3, route53, kubernetes } = platformLimits;

const namesAreFree = check(["tiers"], function* (plan) {
  for (const { service, path } of placed(plan)) {
    if (service.holdsData || !reservedNames.includes(service.id)) continue;
    yield finding(
      [...path, "id"],
      "the name is reserved for a resource of the program",
      service.id === kubernetesNames.database ? "rename it, or set holdsData if it is the database" : "rename it",
    );
  }
});

const variablesAreFree = check(["tiers"], function* (plan) {
  for (const { service, path } of placed(plan)) {
    for (const name of Object.keys(service.environment ?? {})) {
      if (!reservedVariables.includes(name)) continue;
      yield finding([...path, "environment", name], "the program sets this variable itself", "use another name");
    }
  }
});

const jobsCanStart = check(["backups"], function* ({ backups }) {
  const shortest = kubernetes.shortestStartDeadlineSeconds;
  for (const job of ["fullExport", "changeExport", "restoreTest"] as const) {
    if (backups[job].startDeadline.seconds >= shortest) continue;
    const path = ["backups", job, "startDeadline"];
    yield finding(path, `Kubernetes may need ${shortest} s to start a job`, `write at least PT${shortest}S`);
  }
});

const retentionIsWholeDays = check(["backups"], function* ({ backups }) {
  if (backups.retention.seconds % daySeconds === 0) return;
  yield finding(["backups", "retention"], "S3 locks objects for whole days", "write whole days, e.g. P35D");
});

const replicationBoundIsPromised = check(["backups"], function* ({ backups }) {
  const minutes = s3.replicationTimeMinutes;
  if (backups.replicationBound.seconds === minutes * 60) return;
  const rule = `S3 Replication Time Control promises ${minutes} min and nothing else`;
  yield finding(["backups", "replicationBound"], rule, `write PT${minutes}M`);
});

const trafficFiguresExist = check(["traffic"], function* ({ traffic: { switchEvaluation, healthCheck } }) {
  const intervals = route53.healthCheckIntervalsSeconds;
  if (switchEvaluation.seconds % route53.alarmPeriodSeconds !== 0) {
    const rule = "Route 53 follows alarms on standard metrics only, whose periods are whole minutes";
    yield finding(["traffic", "switchEvaluation"], rule, "write e.g. PT1M");
  }
  if (!intervals.some((seconds) => seconds === healthCheck.interval.seconds)) {
    const rule = `Route 53 checks every ${intervals.join(" s or every ")} s`;
    yield finding(["traffic", "healthCheck", "interval"], rule, `write PT${intervals.join("S or PT")}S`);
  }
  if (healthCheck.failureThreshold > route53.mostFailures) {
    const rule = `Route 53 counts up to ${route53.mostFailures} failures`;
    yield finding(["traffic", "healthCheck", "failureThreshold"], rule, `write at most ${route53.mostFailures}`);
  }
});

export const platformChecks: readonly Check[] = [
  namesAreFree,
  variablesAreFree,
  jobsCanStart,
  retentionIsWholeDays,
  replicationBoundIsPromised,
  trafficFiguresExist,
];
