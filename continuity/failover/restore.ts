import { strictestRpoSeconds } from "../../plan/index.ts";
import { kubernetesNames } from "../../contract/index.ts";
import { finishedJob, startJobFrom, type FinishedJob } from "../kubernetes-jobs.ts";
import type { KubernetesApi } from "../kubernetes.ts";
import type { FailoverContext } from "./context.ts";

/**
 * Runs the last import: everything that arrived in this region, verified, with
 * real access keys; only then is the database declared ready for traffic.
 *
 * The continuous sync is not scaled down here: it makes way at the job's request
 * (the lease of jobs/standby), keeps off a database that is ready, and the role
 * switch ends it. A replica count that this command changed would be its own,
 * and the next change of role would conflict.
 */
export async function promoteDatabase(
  kubernetes: KubernetesApi,
  timeoutSeconds: number,
  signal?: AbortSignal,
  /** Variables of the job, e.g. the loss that the incident commander accepts. */
  env: Record<string, string> = {},
): Promise<FinishedJob> {
  const { namespace } = kubernetes;
  const { standbyPromote } = kubernetesNames;
  signal?.throwIfAborted(); // the switch was given up meanwhile
  const suffix = Date.now().toString(36);
  const name = await startJobFrom(kubernetes, namespace, standbyPromote, { suffix, env });
  const job = await finishedJob(kubernetes, namespace, name, timeoutSeconds, signal);
  if (!job.succeeded) throw new Error(`the database was not promoted: ${job.reason}`);
  return job;
}

/**
 * The checks' decision as a variable of the promotion: what they accepted is not refused by the clock alone, once the
 * role is active. So the time since then counts as accepted, and that until the Job compares, at most a first tier's RTO.
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
