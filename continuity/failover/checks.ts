import type { S3Client } from "@aws-sdk/client-s3";
import { newestVerified as newestEvidence, objectsIn, readWriter, type RefusedEvidence } from "../../jobs/index.ts";
import { strictestRpoSeconds, type Plan } from "../../plan/index.ts";
import { kubernetesNames, recoveryPointBucket } from "../../contract/index.ts";
import { readWorkload } from "../kubernetes-objects.ts";
import type { FailoverContext } from "./context.ts";
import { askNames, type NamesReport } from "./site-names.ts";

/** A recovery point that was restored and verified. */
export interface VerifiedPoint {
  slot: string;
  /** Milliseconds since 1970: every write acknowledged before is in it. */
  snapshotAt: number;
}

export interface VerifiedPoints {
  newest: VerifiedPoint | undefined;
  /** Newer evidence that does not count, each with its reason in one line. */
  refused: string[];
}

export interface CheckReport {
  /** When the age of the newest point was judged, in milliseconds since 1970. */
  checkedAt: number;
  newestVerified: VerifiedPoint | undefined;
  /** Who answers under the names of the service. */
  names: NamesReport;
  /** What forbids the switch. */
  blockers: string[];
  /** What the incident commander should know, and may accept. */
  warnings: string[];
}

/**
 * Asks the site whether it can take over, and the names of the service whether
 * the other one still serves. Each question has a time limit and all are asked
 * at once: a check may not eat the RTO.
 */
export async function preChecks(context: FailoverContext, s3: Pick<S3Client, "send">): Promise<CheckReport> {
  const { settings } = context;
  const blockers: string[] = [];
  const warnings: string[] = [];
  if (settings.role === "active") {
    warnings.push(`the ${settings.site} site is active already: an interrupted switch goes on from here`);
  }
  const asked = [clusterProblems(context), newestVerified(context, s3), isPromoted(context, s3)] as const;
  const [names, [cluster, point, promoted]] = await Promise.all([askNames(context), Promise.allSettled(asked)]);
  if (cluster.status === "rejected") blockers.push(`the cluster does not answer: ${cluster.reason.message}`);
  else blockers.push(...cluster.value);

  const checkedAt = Date.now();
  const already = promoted.status === "fulfilled" && promoted.value;
  if (point.status === "rejected") blockers.push(`the recovery points cannot be judged: ${point.reason.message}`);
  else judgeAge(context, { ...point.value, checkedAt, already }, { blockers, warnings });
  blockers.push(...names.blockers);
  warnings.push(...names.warnings);
  const newest = point.status === "fulfilled" ? point.value.newest : undefined;
  return { checkedAt, newestVerified: newest, names, blockers, warnings };
}

/** An interrupted switch got as far as the promotion: the site is the writer by its own bucket's record. */
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
  warnings.push(...refused.map((reason) => `stepped over ${reason}`));
  if (!newest) {
    blockers.push("no recovery point has been restored and verified in this region");
    return;
  }
  const { ageSeconds, rpoSeconds, withinRpo } = judgeRpo(newest, plan, checkedAt);
  if (withinRpo) return;
  const age =
    `the newest verified recovery point (${newest.slot}) is ${Math.round(ageSeconds / 60)} min old, ` +
    `the RPO is ${rpoSeconds / 60} min`;
  // The role alone decides nothing: a switch may have been interrupted before its promotion, or the role set by hand.
  if (already) warnings.push(`${age}; the database is promoted already, and the promotion judged that loss`);
  else if (acceptDataLoss !== true) blockers.push(`${age}; accept the loss with --accept-data-loss`);
}

/** How old a point is, against the strictest RPO of the plan; one from the future is not within it. */
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

/** The newest recovery point that the site's own standby has restored and verified, and what does not count. */
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
  return refused.length > shown.length ? [...shown, `${refused.length - shown.length} more like it`] : shown;
};
