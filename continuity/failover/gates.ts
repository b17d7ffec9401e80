import { kubernetesNames } from "../../plan/names.ts";
import type { Plan } from "../../plan/index.ts";
import type { KubeObject } from "../kubernetes.ts";
import type { FailoverContext } from "./context.ts";
import type { StepLog } from "./steps.ts";
import { poll } from "../within.ts";

/** Milliseconds since 1970 at which each service was first seen up in its active role, by service id. */
export type ServicesUp = ReadonlyMap<string, number>;

export interface Gates {
  /** The services that users cannot do without are up: traffic may come. */
  firstPhase: Promise<void>;
  /** Every service of the plan is up. */
  all: Promise<ServicesUp>;
}

/** Whether a workload runs all its replicas, in the active role where it knows roles. */
export function isUp(workload: KubeObject): boolean {
  const { spec, status = {}, metadata } = workload;
  const replicas = spec.replicas ?? 1;
  const current = (status.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  if (!current || replicas === 0) return false;
  if (workload.kind === "StatefulSet") return (status.readyReplicas ?? 0) >= replicas;
  return (
    roleOf(workload) === "active" &&
    (status.updatedReplicas ?? 0) >= replicas &&
    (status.availableReplicas ?? 0) >= replicas &&
    (status.replicas ?? 0) === (status.updatedReplicas ?? 0)
  );
}

const roleOf = (workload: KubeObject): string | undefined =>
  workload.spec.template.spec.containers
    .flatMap((container: KubeObject) => container.env ?? [])
    .find((entry: KubeObject) => entry.name === "SITE_ROLE")?.value;

/** Services of each recovery phase, in the plan's order; a service counts in the first phase that names it. */
export function servicesByPhase(plan: Plan): string[][] {
  const seen = new Set<string>();
  return plan.recoveryPhases.map((phase) => {
    const ids = phase.steps.flatMap((step) => step.services).filter((id) => !seen.has(id));
    for (const id of ids) seen.add(id);
    return [...new Set(ids)];
  });
}

/** One gate per recovery phase: it opens when all services of the phase, and of those before it, are up. */
export function watchGates(context: FailoverContext, steps: StepLog, signal: AbortSignal): Gates {
  const { plan } = context;
  const up = new Map<string, number>();
  const phases = servicesByPhase(plan);
  const watching = watchServices(context, phases.flat(), up, signal);
  const gate = (index: number): Promise<void> => {
    const wanted = phases.slice(0, index + 1).flat();
    const missing = (): string[] => wanted.filter((id) => !up.has(id));
    return steps.run(`Phase ${plan.recoveryPhases[index]?.phase}`, async (progress) => {
      for (let shown = ""; missing().length > 0;) {
        const next = missing().join(", ");
        if (next !== shown) progress.awaiting((shown = next));
        await Promise.race([watching, new Promise((resolve) => setTimeout(resolve, 100))]);
      }
    });
  };
  const opened = phases.map((_, index) => gate(index));
  const all = Promise.all(opened).then(() => up);
  for (const promise of [...opened, all, watching]) promise.catch(() => {}); // the caller awaits what it needs
  return { firstPhase: opened[0] ?? Promise.resolve(), all };
}

/** Looks at the cluster until every wanted service has been up, noting when; ends with the slowest tier's RTO. */
function watchServices(
  { kubernetes, plan }: FailoverContext,
  wanted: readonly string[],
  up: Map<string, number>,
  signal: AbortSignal,
): Promise<true> {
  const { namespace } = kubernetesNames;
  const list = async (kind: string): Promise<KubeObject[]> => {
    const { items } = await kubernetes.get(`/apis/apps/v1/namespaces/${namespace}/${kind.toLowerCase()}s`);
    return items.map((item: KubeObject) => ({ ...item, kind }));
  };
  const look = async (): Promise<true | undefined> => {
    const workloads = (await Promise.all([list("Deployment"), list("StatefulSet")])).flat();
    for (const workload of workloads) {
      const id = workload.metadata.name;
      if (wanted.includes(id) && !up.has(id) && isUp(workload)) up.set(id, Date.now());
    }
    return wanted.every((id) => up.has(id)) ? true : undefined;
  };
  return poll("services of the plan", look, {
    timeoutSeconds: plan.recovery.rto.seconds,
    intervalSeconds: 0.25,
    signal,
  });
}
