import { workloadOf } from "../../contract/index.ts";
import type { Plan } from "../../plan/index.ts";
import { messageOf } from "../cannot-run.ts";
import { listWorkloads } from "../kubernetes-objects.ts";
import type { FailoverContext } from "./context.ts";
import type { StepLog } from "./steps.ts";
import { poll } from "../within.ts";
import { isUp, whyNotComing } from "./workloads.ts";

/** Outcome of the plan's services. */
export interface ServicesOutcome {
  /** Time at which each service was first up in its active role, in milliseconds since 1970, by service id. */
  up: ReadonlyMap<string, number>;
  /** Why each of the others cannot come up, by service id. */
  lost: ReadonlyMap<string, string>;
}

export interface Gates {
  /**
   * Resolves when the first phase is up, so that traffic may be switched. Rejects as soon as one of its services cannot
   * come up.
   */
  firstPhase: Promise<void>;
  /** Resolves when every service of the plan is up or known not to come up. */
  all: Promise<ServicesOutcome>;
}

export interface GateOptions {
  signal: AbortSignal;
  /** End of the stack's update, successful or not, in milliseconds since 1970; undefined while it is running. */
  updateEnded: () => number | undefined;
}

/** Services of each recovery phase in the plan's order; a service belongs to the first phase that lists it. */
export function servicesByPhase(plan: Plan): string[][] {
  const seen = new Set<string>();
  return plan.recoveryPhases.map((phase) => {
    const ids = phase.steps.flatMap((step) => step.services).filter((id) => !seen.has(id));
    for (const id of ids) seen.add(id);
    return [...new Set(ids)];
  });
}

/**
 * One gate per recovery phase: opens when all services of the phase and of earlier phases are up, regardless of later
 * ones; fails when one of its services cannot come up.
 */
export function watchGates(context: FailoverContext, steps: StepLog, options: GateOptions): Gates {
  const { plan } = context;
  const phases = servicesByPhase(plan);
  const outcome = { up: new Map<string, number>(), lost: new Map<string, string>() };
  const watching = watchServices(context, phases.flat(), outcome, options);
  const gate = (index: number): Promise<void> => {
    const wanted = phases.slice(0, index + 1).flat();
    return steps.run(`Phase ${plan.recoveryPhases[index]?.phase}`, async (progress) => {
      for (let shown = ""; ;) {
        const missing = wanted.filter((id) => !outcome.up.has(id));
        if (missing.length === 0) return;
        const lost = missing.filter((id) => outcome.lost.has(id));
        if (lost.length > 0) throw new Error(lost.map((id) => `${id}: ${outcome.lost.get(id)}`).join("; "));
        if (missing.join(", ") !== shown) progress.awaiting((shown = missing.join(", ")));
        await Promise.race([watching, new Promise((resolve) => setTimeout(resolve, 100))]);
      }
    });
  };
  const opened = phases.map((_, index) => gate(index));
  const all = Promise.allSettled(opened).then(() => watching);
  for (const promise of [...opened, all, watching]) promise.catch(() => {}); // the caller awaits what it needs
  return { firstPhase: opened[0] ?? Promise.resolve(), all };
}

/** Polls the cluster until every wanted service is up or lost; limited by the slowest tier's RTO. */
async function watchServices(
  { kubernetes, plan }: FailoverContext,
  wanted: readonly string[],
  { up, lost }: { up: Map<string, number>; lost: Map<string, string> },
  { signal, updateEnded }: GateOptions,
): Promise<ServicesOutcome> {
  const workloads = new Map(plan.tiers.flatMap(({ services }) => services.map((s) => [s.id, workloadOf(s)] as const)));
  const check = async (): Promise<true | undefined> => {
    const endedAt = updateEnded(); // read before the cluster, so that the cluster's state is final
    const live = await listWorkloads(kubernetes);
    for (const id of wanted.filter((service) => !up.has(service) && !lost.has(service))) {
      const { kind, name } = workloads.get(id) ?? { kind: "Deployment", name: id };
      const workload = live.get(`${kind}/${name}`);
      const reason = endedAt === undefined ? undefined : whyNotComing(workload, endedAt);
      if (isUp(workload)) up.set(id, Date.now());
      else if (reason !== undefined) lost.set(id, reason);
    }
    return wanted.every((id) => up.has(id) || lost.has(id)) ? true : undefined;
  };
  const patience = { timeoutSeconds: plan.recovery.rto.seconds, intervalSeconds: 0.25, signal };
  try {
    await poll("services of the plan", check, patience);
  } catch (error) {
    signal.throwIfAborted();
    for (const id of wanted) if (!up.has(id) && !lost.has(id)) lost.set(id, messageOf(error));
  }
  return { up, lost };
}
