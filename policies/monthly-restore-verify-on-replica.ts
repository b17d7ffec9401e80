import type { ReportViolation, StackValidationPolicy } from "@pulumi/policy";
import { kubernetesNames, type Role } from "../plan/names.ts";
import { envOf, findCronJob, findSite, type CronJobFound } from "./reading/index.ts";

/** The longest month, and the hour that a change of clocks may add. */
const longestMonthSeconds = 31 * 86_400 + 3_600;

/** Fails closed: a missing, renamed or unreadable restore test is a violation. */
export const monthlyRestoreVerifyOnReplica: StackValidationPolicy = {
  name: "monthly-restore-verify-on-replica",
  description: "At least once a month a recovery point is restored from the region that does not write, and verified.",
  enforcementLevel: "mandatory",
  validateStack: ({ resources }, reportViolation) => {
    const found = findSite(resources, reportViolation);
    const test = findCronJob(resources, kubernetesNames.restoreVerifyJob, reportViolation);
    const full = findCronJob(resources, kubernetesNames.exportJob, reportViolation);
    if (found === undefined || test === undefined || full === undefined) return;
    checkRhythm(test, found.role, reportViolation);
    checkReplica(test, full, found.role, reportViolation);
  },
};

function checkRhythm({ name, urn, suspended, gaps }: CronJobFound, role: Role, reportViolation: ReportViolation): void {
  if (suspended && role !== "isolated") {
    reportViolation(`${name} is suspended on a site that is ${role}; resume it, only a fenced site does not test`, urn);
  }
  if (gaps !== undefined && gaps.longestSeconds <= longestMonthSeconds) return;
  const days = gaps === undefined ? "an unknown number of" : Math.ceil(gaps.longestSeconds / 86_400);
  reportViolation(
    `${name}: up to ${days} days between two runs, the plan promises a month; run it at least monthly`,
    urn,
  );
}

/** An active site writes its own bucket, so the copy is elsewhere; any other site has the copy at home. */
function checkReplica(test: CronJobFound, full: CronJobFound, role: Role, reportViolation: ReportViolation): void {
  const read = { bucket: envOf(test.container, "BUCKET"), region: envOf(test.container, "BUCKET_REGION") };
  const own = { bucket: envOf(full.container, "BUCKET"), region: envOf(full.container, "BUCKET_REGION") };
  const known = [read.bucket, read.region, own.bucket, own.region].every((value) => value !== undefined);
  const atHome = read.bucket === own.bucket && read.region === own.region;
  const elsewhere = read.bucket !== own.bucket && read.region !== own.region;
  if (known && (role === "active" ? elsewhere : atHome)) return;
  const writes = role === "active" ? "writes" : "receives copies in";
  reportViolation(
    `${test.name}: reads ${read.bucket ?? "an unknown bucket"} in ${read.region ?? "an unknown region"}, but this site, which is ` +
      `${role}, ${writes} ${own.bucket ?? "an unknown bucket"} in ${own.region ?? "an unknown region"}; read the bucket of the ` +
      `region that does not write`,
    test.urn,
  );
}
