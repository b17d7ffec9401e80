/**
 * Reads and sets the writer state in a site's database, by a job in its cluster: nothing else can reach the database.
 */
import * as z from "zod";
import { kubernetesNames, type SiteName } from "../../contract/index.ts";
import { messageOf } from "../cannot-run.ts";
import { finishedJob, startJobFrom } from "../kubernetes-jobs.ts";
import type { KubernetesApi } from "../kubernetes.ts";
import { within } from "../within.ts";

const report = z.object({
  state: z.object({ database: z.string(), ready: z.boolean(), reason: z.string(), epoch: z.number().int() }).nullable(),
});

export interface StateView {
  site: SiteName;
  /** Undefined: the cluster is unreachable, or its database was never prepared. */
  state: { database: string; ready: boolean; reason: string; epoch: number } | undefined;
  /** Why the state is unknown. */
  problem: string | undefined;
}

/** Time limit for a pod to start and respond, in seconds. */
const jobSeconds = 60;

export async function viewState(site: SiteName, kubernetes: () => KubernetesApi): Promise<StateView> {
  try {
    const { state } = report.parse(await runPromote(kubernetes(), "report"));
    if (state) return { site, state, problem: undefined };
    return { site, state: undefined, problem: "its database has no site state yet" };
  } catch (error) {
    return { site, state: undefined, problem: messageOf(error) };
  }
}

/** Gives the site's database the epoch of a record that names the site; returns the epoch. */
export async function adoptEpoch(kubernetes: KubernetesApi): Promise<number> {
  return z.object({ epoch: z.number().int() }).parse(await runPromote(kubernetes, "adopt")).epoch;
}

/** Runs the promotion's template in another mode. */
const runPromote = (kubernetes: KubernetesApi, mode: "report" | "adopt"): Promise<unknown> =>
  within(jobSeconds, "the site's database", async (signal) => {
    const { namespace } = kubernetes;
    const { standbyPromote } = kubernetesNames;
    const options = { suffix: `${mode}-${Date.now().toString(36)}`, env: { PROMOTE_MODE: mode } };
    const name = await startJobFrom(kubernetes, namespace, standbyPromote, options);
    const job = await finishedJob(kubernetes, namespace, name, jobSeconds, signal);
    if (!job.succeeded) throw new Error(`job ${name} failed: ${job.reason}`);
    return job.result;
  });
