import { strictestRpoSeconds } from "../../plan/index.ts";
import { kubernetesNames } from "../../contract/index.ts";
import { finishedJob, startJobFrom, type FinishedJob } from "../kubernetes-jobs.ts";
import type { KubernetesApi } from "../kubernetes.ts";
import type { FailoverContext } from "./context.ts";

/**
 * Runs the last import: applies and verifies everything that arrived in this region and sets the access keys; only then
 * is the database declared ready for traffic.
 *
 * The continuous sync is not scaled down here: it yields the lease to the job, skips a database that is ready, and is
 * stopped by the role update. Changing its replica count would make this command the field manager, and the next role
 * change would conflict.
 */
export async function promoteDatabase(
  kubernetes: KubernetesApi,
  timeoutSeconds: number,
  signal?: AbortSignal,
  /** Environment variables of the job, e.g. the loss accepted by the incident commander. */
  env: Record<string, string> = {},
): Promise<FinishedJob> {
  const { namespace } = kubernetes;
  const { standbyPromote } = kubernetesNames;
  signal?.throwIfAborted(); // the failover was aborted
  const suffix = Date.now().toString(36);
  const name = await startJobFrom(kubernetes, namespace, standbyPromote, { suffix, env });
  const job = await finishedJob(kubernetes, namespace, name, timeoutSeconds, signal);
  if (!job.succeeded) throw new Error(`the database was not promoted: ${job.reason}`);
  return job;
}

/**
 * Passes the checks' decision to the promotion, so that a loss they accepted is not rejected merely because time has
 * passed: the time since the checks counts as accepted, and that until the Job compares, at most the first tier's RTO.
 */
export function acceptedLoss(
  { plan, acceptDataLoss }: Pick<FailoverContext, "plan" | "acceptDataLoss">,
  checkedAt: number,
): { ACCEPTED_LOSS_SECONDS: string } {
  if (acceptDataLoss === true) return { ACCEPTED_LOSS_SECONDS: "any" };
  const passedSeconds = Math.max(0, Date.now() - checkedAt) / 1000;
  const seconds = strictestRpoSeconds(plan) + passedSeconds + firstTierRto(plan);
  return { ACCEPTED_LOSS_SECONDS: String(Math.ceil(seconds)) };
}

export const firstTierRto = (plan: FailoverContext["plan"]): number =>
  Math.min(...plan.tiers.map((tier) => tier.rto.seconds));
