import { kubernetesNames } from "../../plan/names.ts";
import { finishedJob, startJobFrom, type FinishedJob } from "../kubernetes-jobs.ts";
import { KubernetesError, type KubernetesApi } from "../kubernetes.ts";
import { poll } from "../within.ts";

/** Ends the continuous sync, so that one writer at a time touches the standby database. */
export async function stopStandbySync(kubernetes: KubernetesApi, signal?: AbortSignal): Promise<void> {
  const { namespace, standbySync } = kubernetesNames;
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${standbySync}`;
  try {
    await kubernetes.mergePatch(path, { spec: { replicas: 0 } });
  } catch (error) {
    if (error instanceof KubernetesError && error.status === 404) return;
    throw error;
  }
  await poll(
    `end of ${standbySync}`,
    async () => {
      const live = await kubernetes.get(path);
      return (live.status?.replicas ?? 0) === 0 ? true : undefined;
    },
    { timeoutSeconds: 60, signal },
  );
}

/**
 * Runs the last import: everything that arrived in this region, verified, with
 * real access keys; only then is the database declared ready for traffic.
 */
export async function promoteDatabase(
  kubernetes: KubernetesApi,
  timeoutSeconds: number,
  signal?: AbortSignal,
): Promise<FinishedJob> {
  const { namespace, standbyPromote } = kubernetesNames;
  signal?.throwIfAborted(); // the switch was given up meanwhile
  const suffix = Date.now().toString(36);
  const name = await startJobFrom(kubernetes, namespace, standbyPromote, { suffix });
  const job = await finishedJob(kubernetes, namespace, name, timeoutSeconds, signal);
  if (!job.succeeded) throw new Error(`the database was not promoted: ${job.reason}`);
  return job;
}
