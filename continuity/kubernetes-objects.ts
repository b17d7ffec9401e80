/**
 * Exactly those fields of the API's answers that decide something, checked: what is malformed is an error or is not up,
 * and never a guess. Objects that are sent back travel as the raw JSON, so that nothing is lost on the way.
 */
import * as z from "zod";
import type { KubernetesApi } from "./kubernetes.ts";

/** The API leaves zeros, empty lists and empty objects out. */
const count = z.number().int().min(0);
const zero = count.nullish().transform((value) => value ?? 0);
const listOf = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

const condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().nullish(),
  message: z.string().nullish(),
  lastTransitionTime: z.string().nullish(),
});

const container = z.object({ env: listOf(z.object({ name: z.string(), value: z.string().nullish() })) });

const workload = z
  .object({
    kind: z.enum(["Deployment", "StatefulSet"]),
    metadata: z.object({ name: z.string().min(1), generation: zero }),
    spec: z.object({
      replicas: count.nullish().transform((value) => value ?? 1),
      template: z.object({ spec: z.object({ containers: listOf(container) }) }).optional(),
    }),
    status: z
      .object({
        observedGeneration: zero,
        replicas: zero,
        updatedReplicas: zero,
        availableReplicas: zero,
        readyReplicas: zero,
        conditions: listOf(condition),
      })
      .prefault({}),
  })
  .refine(({ kind, spec }) => kind === "StatefulSet" || spec.template !== undefined, {
    path: ["spec", "template"],
    message: "a Deployment has one",
  });

const job = z.object({
  metadata: z.object({ creationTimestamp: z.string() }),
  status: z.object({ completionTime: z.string().nullish(), conditions: listOf(condition) }).prefault({}),
});

const containerState = z.object({
  terminated: z.object({ startedAt: z.string().nullish() }).nullish(),
  waiting: z.object({ reason: z.string().nullish(), message: z.string().nullish() }).nullish(),
});

const pod = z.object({
  metadata: z.object({ name: z.string().min(1), creationTimestamp: z.string().default("") }),
  spec: z.object({ containers: z.array(z.object({ name: z.string().min(1) })).min(1) }),
  status: z.object({ containerStatuses: listOf(z.object({ state: containerState.prefault({}) })) }).prefault({}),
});

const list = z.object({ items: z.array(z.unknown()) });
const named = z.object({ metadata: z.object({ name: z.string().min(1) }) });

export type WorkloadView = z.output<typeof workload>;
export type JobView = z.output<typeof job>;
export type PodView = z.output<typeof pod>;
export type ConditionView = z.output<typeof condition>;

const problemsOf = ({ issues }: z.ZodError): string =>
  issues.map(({ path, message }) => `${path.join(".") || "answer"}: ${message}`).join("; ");

/** @throws Error that names the object and everything that is malformed */
function read<Schema extends z.ZodType>(schema: Schema, what: string, answer: unknown): z.output<Schema> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new Error(`the API's ${what} is malformed: ${problemsOf(parsed.error)}`);
}

/** A Deployment or StatefulSet; a text: why it cannot be judged. */
export function readWorkload(object: unknown): WorkloadView | string {
  const parsed = workload.safeParse(object);
  return parsed.success ? parsed.data : `the API's description of it is malformed: ${problemsOf(parsed.error)}`;
}

/** Every workload of the site's namespace as the API sent it, by `<kind>/<name>`. */
export async function listWorkloads(kubernetes: KubernetesApi): Promise<Map<string, unknown>> {
  const lists = (["Deployment", "StatefulSet"] as const).map(async (kind) => {
    const path = `/apis/apps/v1/namespaces/${kubernetes.namespace}/${kind.toLowerCase()}s`;
    const { items } = read(list, `list of ${kind}s`, await kubernetes.get(path));
    return items.map((item) => {
      const { metadata } = read(named, kind, item);
      return [`${kind}/${metadata.name}`, { ...(item as object), kind }] as const;
    });
  });
  return new Map((await Promise.all(lists)).flat());
}

export const readJob = (answer: unknown): JobView => read(job, "Job", answer);

export const readPods = (answer: unknown): PodView[] =>
  read(list, "list of Pods", answer).items.map((item) => read(pod, "Pod", item));

/** The condition of that type where it holds. */
export const conditionOf = ({ status }: JobView, type: string): ConditionView | undefined =>
  status.conditions.find((one) => one.type === type && one.status === "True");

const jobContainer = z.looseObject({ name: z.string(), env: z.array(z.looseObject({ name: z.string() })).nullish() });

const cronJob = z.object({
  metadata: z.object({ uid: z.string().min(1) }),
  spec: z.object({
    jobTemplate: z.object({
      metadata: z
        .object({
          labels: z.record(z.string(), z.string()).optional(),
          annotations: z.record(z.string(), z.string()).optional(),
        })
        .prefault({}),
      /** As the API sent it. */
      spec: z.looseObject({}),
    }),
  }),
});

export const readCronJob = (answer: unknown): z.output<typeof cronJob> => read(cronJob, "CronJob", answer);

const podTemplate = z.looseObject({
  template: z.looseObject({ spec: z.looseObject({ containers: z.array(jobContainer).min(1) }) }),
});

/** A Job's specification whose containers can be changed. */
export const readJobSpec = (spec: unknown): z.output<typeof podTemplate> => read(podTemplate, "Job template", spec);
