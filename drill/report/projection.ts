import { planWorstCaseLoss, trafficSwitchSeconds, type Plan } from "../../plan/index.ts";
import type { ExportRun, Observations } from "./observations.ts";

/**
 * Worst-case loss in production: the plan's schedules and replication bound with
 * the start delays and run times of this run. The change exports bound it where
 * they ran, the full exports alone otherwise; null where neither did.
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

/** What a real switch waits for and a drill does not: noticing, deciding, and the DNS. */
export const waitsOutsideTheDrillSeconds = ({ recovery, traffic }: Plan): number =>
  recovery.expected.detection.seconds + recovery.expected.decision.seconds + trafficSwitchSeconds(traffic);
