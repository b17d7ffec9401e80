import { planWorstCaseLoss, trafficSwitchSeconds, type Plan } from "../../plan/index.ts";
import type { ExportRun, Observations } from "./observations.ts";

/**
 * Worst-case loss in production, from the plan's schedules and replication bound and this run's start delays and run
 * times. Bounded by the change exports if they ran, otherwise by the full exports; null if neither ran.
 */
export function projectedWorstCaseSeconds(plan: Plan, { full, changes }: Observations["exports"]): number | null {
  const run = changes ?? full;
  if (!run) return null;
  const runSeconds = ({ elapsedSeconds, startDelaySeconds }: ExportRun): number => elapsedSeconds - startDelaySeconds;
  const loss = planWorstCaseLoss(plan, {
    startDelaySeconds: Math.max(full?.startDelaySeconds ?? 0, changes?.startDelaySeconds ?? 0),
    ...(full && { fullRunSeconds: runSeconds(full) }),
    ...(changes && { changeRunSeconds: runSeconds(changes) }),
  });
  return changes ? loss.withChangeExports.seconds : loss.fullExportsOnly.seconds;
}

/** Seconds that a real failover takes but a drill does not: detection, decision and DNS. */
export const waitsOutsideTheDrillSeconds = ({ recovery, traffic }: Plan): number =>
  recovery.expected.detection.seconds + recovery.expected.decision.seconds + trafficSwitchSeconds(traffic);
