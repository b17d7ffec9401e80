import type { S3Client } from "@aws-sdk/client-s3";
import { newestVerified as newestEvidence, objectsIn, readWriter, type RefusedEvidence } from "../../jobs/index.ts";
import { strictestRpoSeconds, type Plan } from "../../plan/index.ts";
import { kubernetesNames, recoveryPointBucket } from "../../contract/index.ts";
import { readWorkload } from "../kubernetes-objects.ts";
import type { FailoverContext } from "./context.ts";
import { askNames, type NamesReport } from "./site-names.ts";

/** A restored and verified recovery point. */
export interface VerifiedPoint {
  slot: string;
  /** Milliseconds since 1970; the recovery point contains every write acknowledged before. */
  snapshotAt: number;
}

export interface VerifiedPoints {
  newest: VerifiedPoint | undefined;
  /** Newer evidence that was rejected, each with its reason in one line. */
  refused: string[];
}

export interface CheckReport {
  /** Time at which the age of the newest recovery point was checked, in milliseconds since 1970. */
  checkedAt: number;
  newestVerified: VerifiedPoint | undefined;
  /** Probes of the service's host names. */
  names: NamesReport;
  /** Findings that prevent the failover. */
  blockers: string[];
  /** Findings for the incident commander, who may accept them. */
  warnings: string[];
}

/**
 * Checks whether the site can take over, and by the service's host names whether the other one still serves. All checks
 * run concurrently with a time limit, so that they do not use up the RTO.
 */
export async function preChecks(context: FailoverContext, s3: Pick<S3Client, "send">): Promise<CheckReport> {
  const { settings } = context;
  const blockers: string[] = [];
  const warnings: string[] = [];
  if (settings.role === "active") {
    warnings.push(`the ${settings.site} site is already active: continuing an interrupted failover`);
  }
  const asked = [clusterProblems(context), newestVerified(context, s3), isPromoted(context, s3)] as const;
  const [names, [cluster, point, promoted]] = await Promise.all([askNames(context), Promise.allSettled(asked)]);
  if (cluster.status === "rejected") blockers.push(`the cluster is unreachable: ${cluster.reason.message}`);
  else blockers.push(...cluster.value);

  const checkedAt = Date.now();
  const already = promoted.status === "fulfilled" && promoted.value;
  if (point.status === "rejected") blockers.push(`cannot read the recovery points: ${point.reason.message}`);
  else judgeAge(context, { ...point.value, checkedAt, already }, { blockers, warnings });
  blockers.push(...names.blockers);
  warnings.push(...names.warnings);
  const newest = point.status === "fulfilled" ? point.value.newest : undefined;
  return { checkedAt, newestVerified: newest, names, blockers, warnings };
}

/** Whether an interrupted failover got as far as the promotion: the site's own bucket records it as the writer. */
async function isPromoted(
  { settings: { topology, site, role } }: FailoverContext,
  s3: Pick<S3Client, "send">,
): Promise<boolean> {
  if (role !== "active") return false;
  const seen = await readWriter(objectsIn(s3, recoveryPointBucket(topology, site)));
  return seen?.writer.site === site;
}

function judgeAge(
  { plan, acceptDataLoss }: FailoverContext,
  { newest, refused, checkedAt, already }: VerifiedPoints & { checkedAt: number; already: boolean },
  { blockers, warnings }: Pick<CheckReport, "blockers" | "warnings">,
): void {
  warnings.push(...refused.map((reason) => `skipped ${reason}`));
  if (!newest) {
    blockers.push("no recovery point has been restored and verified in this region");
    return;
  }
  const { ageSeconds, rpoSeconds, withinRpo } = judgeRpo(newest, plan, checkedAt);
  if (withinRpo) return;
  const age =
    `the newest verified recovery point (${newest.slot}) is ${Math.round(ageSeconds / 60)} min old, ` +
    `the RPO is ${rpoSeconds / 60} min`;
  // The role alone is not sufficient: a failover may have been interrupted before its promotion, or the role set
  // manually.
  if (already) warnings.push(`${age}; the database is already promoted, and the promotion checked that loss`);
  else if (acceptDataLoss !== true) blockers.push(`${age}; accept the loss with --accept-data-loss`);
}

/** Age of a recovery point compared with the strictest RPO of the plan; a future one is not within it. */
export function judgeRpo({ snapshotAt }: VerifiedPoint, plan: Plan, now: number = Date.now()) {
  const [ageSeconds, rpoSeconds] = [(now - snapshotAt) / 1000, strictestRpoSeconds(plan)];
  return { ageSeconds, rpoSeconds, withinRpo: ageSeconds >= 0 && ageSeconds <= rpoSeconds };
}

async function clusterProblems({ kubernetes }: FailoverContext): Promise<string[]> {
  const { namespace } = kubernetes;
  const { database, standbyPromote } = kubernetesNames;
  const problems: string[] = [];
  const [statefulSet, cronJob] = await Promise.all([
    kubernetes.find(`/apis/apps/v1/namespaces/${namespace}/statefulsets/${database}`),
    kubernetes.find(`/apis/batch/v1/namespaces/${namespace}/cronjobs/${standbyPromote}`),
  ]);
  const found = readWorkload(statefulSet && { ...statefulSet, kind: "StatefulSet" });
  if (typeof found === "string" || found.status.readyReplicas < 1) {
    const why = typeof found === "string" && statefulSet !== undefined ? `: ${found}` : "";
    problems.push(`the standby database ${namespace}/${database} is not ready${why}`);
  }
  if (!cronJob) problems.push(`the CronJob ${namespace}/${standbyPromote} is missing; deploy this stack first`);
  return problems;
}

/** The newest recovery point verified by the site's own standby, and rejected evidence. */
export async function newestVerified(
  { settings }: Pick<FailoverContext, "settings">,
  s3: Pick<S3Client, "send">,
): Promise<VerifiedPoints> {
  const { topology, site } = settings;
  const { newest, refused } = await newestEvidence(objectsIn(s3, recoveryPointBucket(topology, site)), site);
  return {
    newest: newest && { slot: newest.slot, snapshotAt: Date.parse(newest.snapshotAt) },
    refused: shortened(refused),
  };
}

const shownReasons = 5;

const shortened = (refused: readonly RefusedEvidence[]): string[] => {
  const shown = refused.slice(0, shownReasons).map(({ key, reason }) => `${key}: ${reason}`);
  return refused.length > shown.length ? [...shown, `${refused.length - shown.length} more`] : shown;
};
