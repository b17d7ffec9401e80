import * as z from "zod";
import { kubernetesNames } from "../contract/index.ts";
import { poll } from "./within.ts";
import { conditionOf, readCronJob, readJob, readJobSpec, readPods, type PodView } from "./kubernetes-objects.ts";
import { KubernetesError, type KubernetesApi } from "./kubernetes.ts";

const jobs = (namespace: string) => `/apis/batch/v1/namespaces/${namespace}/jobs`;
const cronJobs = (namespace: string) => `/apis/batch/v1/namespaces/${namespace}/cronjobs`;

const resultLine = z.looseObject({ job: z.string(), outcome: z.enum(["succeeded", "skipped", "failed"]) });

/** Result line of a continuity job: the last line of its log. */
export type JobResult = z.output<typeof resultLine>;

export interface FinishedJob {
  name: string;
  succeeded: boolean;
  /** Seconds from the Job's creation to the start of its first container. */
  startDelaySeconds: number;
  /** Seconds from the Job's creation to its completion. */
  elapsedSeconds: number;
  result: JobResult | undefined;
  /** Failure reason, from its result line, its condition or its pod. */
  reason: string | undefined;
}

export interface JobOptions {
  /** Suffix of the Job's name. */
  suffix: string;
  /** Environment variables that override those of the job's container. @default none */
  env?: Record<string, string> | undefined;
}

/** Creates a Job from a CronJob's template, as `kubectl create job --from=cronjob/NAME` does. */
export async function startJobFrom(
  kubernetes: KubernetesApi,
  namespace: string,
  cronJob: string,
  options: JobOptions,
): Promise<string> {
  const template = readCronJob(await kubernetes.get(`${cronJobs(namespace)}/${cronJob}`));
  const { metadata, spec } = template.spec.jobTemplate;
  const body = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: `${cronJob}-${options.suffix}`,
      labels: metadata.labels,
      annotations: { ...metadata.annotations, "cronjob.kubernetes.io/instantiate": "manual" },
      ownerReferences: [
        { apiVersion: "batch/v1", kind: "CronJob", name: cronJob, uid: template.metadata.uid, controller: true },
      ],
    },
    spec: withEnv(spec, options.env ?? {}),
  };
  await kubernetes.post(jobs(namespace), body);
  return body.metadata.name;
}

/** Overrides variables of the job container only. */
function withEnv(spec: object, variables: Record<string, string>): object {
  const changed = Object.entries(variables).map(([name, value]) => ({ name, value }));
  if (changed.length === 0) return spec;
  const copy = readJobSpec(spec);
  const container = copy.template.spec.containers.find(({ name }) => name === kubernetesNames.jobContainer);
  if (!container)
    throw new Error(`the template has no container "${kubernetesNames.jobContainer}"; redeploy the stack`);
  const kept = (container.env ?? []).filter(({ name }) => !(name in variables));
  container.env = [...kept, ...changed];
  return copy;
}

/** Waits until a Job has completed or failed, and reads its result. */
export async function finishedJob(
  kubernetes: KubernetesApi,
  namespace: string,
  name: string,
  timeoutSeconds: number,
  signal?: AbortSignal,
): Promise<FinishedJob> {
  // The result is read in the same attempt: a transient API failure must not turn a success into a failure.
  const { job, pod, result } = await poll(
    `job ${name}`,
    async () => {
      const live = readJob(await kubernetes.get(`${jobs(namespace)}/${name}`));
      if (!conditionOf(live, "Complete") && !conditionOf(live, "Failed")) return undefined;
      const newest = await newestPod(kubernetes, namespace, name);
      return { job: live, pod: newest, result: newest && (await resultOf(kubernetes, namespace, newest)) };
    },
    { timeoutSeconds, intervalSeconds: 0.15, signal },
  );
  const failed = conditionOf(job, "Failed");
  const created = Date.parse(job.metadata.creationTimestamp);
  const started = pod && Date.parse(mainState(pod)?.terminated?.startedAt ?? "");
  const ended = Date.parse(job.status.completionTime ?? failed?.lastTransitionTime ?? "");
  return {
    name,
    succeeded: !failed,
    startDelaySeconds: started ? Math.max(0, (started - created) / 1000) : NaN,
    elapsedSeconds: (ended - created) / 1000,
    result,
    reason: failed ? explain(result, failed.message ?? "no reason is given", pod) : undefined,
  };
}

const mainState = ({ status }: PodView) => status.containerStatuses[0]?.state;

async function newestPod(kubernetes: KubernetesApi, namespace: string, job: string): Promise<PodView | undefined> {
  const selector = encodeURIComponent(`batch.kubernetes.io/job-name=${job}`);
  const pods = readPods(await kubernetes.get(`/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`));
  return pods.toSorted((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? 1 : -1))[0];
}

async function resultOf(kubernetes: KubernetesApi, namespace: string, pod: PodView): Promise<JobResult | undefined> {
  const container = pod.spec.containers[0]?.name;
  const path = `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}/log?container=${container}&tailLines=20`;
  try {
    return parseResultLine(await kubernetes.text(path));
  } catch (error) {
    const thereIsNone = error instanceof KubernetesError && error.status >= 400 && error.status < 500;
    if (thereIsNone) return undefined; // the container never started, or its log was deleted
    throw error;
  }
}

/** The last result line of a log; undefined if the job ended without one. */
export function parseResultLine(log: string): JobResult | undefined {
  for (const line of log.trimEnd().split("\n").reverse()) {
    if (!line.startsWith("{")) continue;
    try {
      const parsed = resultLine.safeParse(JSON.parse(line));
      if (parsed.success) return parsed.data;
    } catch {
      // not a result line
    }
  }
  return undefined;
}

function explain(result: JobResult | undefined, condition: string, pod: PodView | undefined): string {
  const said = result?.["reason"] ?? result?.["error"] ?? result?.["problems"];
  if (said !== undefined) return typeof said === "string" ? said : JSON.stringify(said);
  const waiting = pod && mainState(pod)?.waiting;
  return waiting ? `${waiting.reason}: ${waiting.message}` : condition;
}
