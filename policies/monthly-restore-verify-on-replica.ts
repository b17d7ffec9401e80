import { daySeconds, longestMonthSeconds } from "../plan/index.ts";
import { kubernetesNames, type Role } from "../contract/index.ts";
import { envOf, findCronJob, siteRule, stackSetting, type CronJobFound, type Report } from "./reading/index.ts";

/** Fails closed: a missing, renamed or unreadable restore test is a violation. */
export const monthlyRestoreVerifyOnReplica = siteRule({
  name: "monthly-restore-verify-on-replica",
  description: "At least once a month a recovery point is restored from the region that does not write, and verified.",
  check: (resources, report) => {
    const role = stackSetting("role");
    const test = findCronJob(resources, kubernetesNames.restoreVerifyJob, report);
    const full = findCronJob(resources, kubernetesNames.exportJob, report);
    if (test === undefined || full === undefined) return;
    checkRhythm(test, role, report);
    checkReplica(test, full, role, report);
  },
});

function checkRhythm({ name, urn, suspended, gaps }: CronJobFound, role: Role, report: Report): void {
  if (suspended && role !== "isolated") {
    report(`${name} is suspended on a site that is ${role}; resume it, only an isolated site runs no tests`, urn);
  }
  if (gaps !== undefined && gaps.longestSeconds <= longestMonthSeconds) return;
  const days = gaps === undefined ? "an unknown number of" : Math.ceil(gaps.longestSeconds / daySeconds);
  report(`${name}: up to ${days} days between two runs, the plan promises a month; run it at least monthly`, urn);
}

/** An active site writes to its own bucket, so the replica is in the other region; any other site holds the replica. */
function checkReplica(test: CronJobFound, full: CronJobFound, role: Role, report: Report): void {
  const read = { bucket: envOf(test.container, "BUCKET"), region: envOf(test.container, "BUCKET_REGION") };
  const own = { bucket: envOf(full.container, "BUCKET"), region: envOf(full.container, "BUCKET_REGION") };
  const known = [read.bucket, read.region, own.bucket, own.region].every((value) => value !== undefined);
  const atHome = read.bucket === own.bucket && read.region === own.region;
  const elsewhere = read.bucket !== own.bucket && read.region !== own.region;
  if (known && (role === "active" ? elsewhere : atHome)) return;
  const writes = role === "active" ? "writes" : "receives copies in";
  report(
    `${test.name}: reads ${read.bucket ?? "an unknown bucket"} in ${read.region ?? "an unknown region"}, but this site, which is ` +
      `${role}, ${writes} ${own.bucket ?? "an unknown bucket"} in ${own.region ?? "an unknown region"}; read the bucket of the ` +
      `region that does not write`,
    test.urn,
  );
}
