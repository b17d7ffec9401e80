import { ListObjectsV2Command, GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { bucketKeys, kubernetesNames, recoveryPointBucket, standbyEvidenceKey } from "../../plan/names.ts";
import { strictestRpoSeconds } from "../../plan/index.ts";
import type { FailoverContext } from "./context.ts";
import { askNames, type NamesReport } from "./site-names.ts";

const callSeconds = 10;

/** A recovery point that was restored and verified. */
export interface VerifiedPoint {
  slot: string;
  /** Milliseconds since 1970: every write acknowledged before is in it. */
  snapshotAt: number;
}

export interface CheckReport {
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
  const { settings, plan } = context;
  const blockers: string[] = [];
  const warnings: string[] = [];
  if (settings.role === "active") {
    warnings.push(`the ${settings.site} site is active already: an interrupted switch goes on from here`);
  }
  const asked = [clusterProblems(context), newestVerified(context, s3)] as const;
  const [names, [cluster, point]] = await Promise.all([askNames(context), Promise.allSettled(asked)]);
  if (cluster.status === "rejected") blockers.push(`the cluster does not answer: ${cluster.reason.message}`);
  else blockers.push(...cluster.value);

  const newest = point.status === "fulfilled" ? point.value : undefined;
  if (point.status === "rejected") blockers.push(`the recovery-point bucket does not answer: ${point.reason.message}`);
  else if (!newest) blockers.push("no recovery point has been restored and verified in this region");
  else {
    const ageSeconds = (Date.now() - newest.snapshotAt) / 1000;
    const rpoSeconds = strictestRpoSeconds(plan);
    if (!(ageSeconds <= rpoSeconds) && context.acceptDataLoss !== true) {
      const age =
        `the newest verified recovery point (${newest.slot}) is ${Math.round(ageSeconds / 60)} min old, ` +
        `the RPO is ${rpoSeconds / 60} min`;
      // Whoever began the switch accepted the loss; nothing is verified on an active site since.
      if (settings.role === "active") warnings.push(age);
      else blockers.push(`${age}; accept the loss with --accept-data-loss`);
    }
  }
  blockers.push(...names.blockers);
  warnings.push(...names.warnings);
  return { newestVerified: newest, names, blockers, warnings };
}

async function clusterProblems({ kubernetes }: FailoverContext): Promise<string[]> {
  const { namespace, database, standbyPromote } = kubernetesNames;
  const problems: string[] = [];
  const [statefulSet, cronJob] = await Promise.all([
    kubernetes.find(`/apis/apps/v1/namespaces/${namespace}/statefulsets/${database}`),
    kubernetes.find(`/apis/batch/v1/namespaces/${namespace}/cronjobs/${standbyPromote}`),
  ]);
  if (!(statefulSet?.status?.readyReplicas >= 1))
    problems.push(`the standby database ${namespace}/${database} is not ready`);
  if (!cronJob) problems.push(`the CronJob ${namespace}/${standbyPromote} is missing; deploy this stack first`);
  return problems;
}

/** The newest recovery point that was restored and verified in the site's own region. */
export async function newestVerified(
  { settings }: Pick<FailoverContext, "settings">,
  s3: Pick<S3Client, "send">,
): Promise<VerifiedPoint | undefined> {
  const slot = (await verifiedPoints({ settings }, s3)).at(-1);
  if (slot === undefined) return undefined;
  const Key = standbyEvidenceKey(slot);
  const object = await s3.send(
    new GetObjectCommand({ Bucket: recoveryPointBucket(settings.topology, settings.site), Key }),
    { abortSignal: AbortSignal.timeout(callSeconds * 1000) },
  );
  const evidence = JSON.parse((await object.Body?.transformToString()) ?? "{}");
  return { slot, snapshotAt: Date.parse(evidence.snapshotAt) };
}

/** Slots of all recovery points that were restored and verified in the site's own region, oldest first. */
export async function verifiedPoints(
  { settings }: Pick<FailoverContext, "settings">,
  s3: Pick<S3Client, "send">,
): Promise<string[]> {
  const Bucket = recoveryPointBucket(settings.topology, settings.site);
  const Prefix = bucketKeys.standbyEvidencePrefix;
  const slots: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken }), {
      abortSignal: AbortSignal.timeout(callSeconds * 1000),
    });
    for (const { Key = "" } of page.Contents ?? []) slots.push(Key.slice(Prefix.length).replace(/\.json$/, ""));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return slots.sort();
}
