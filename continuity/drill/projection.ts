import { longestGapSeconds, worstCaseLossSeconds, type Plan } from "../../plan/index.ts";
import type { ExportRun, Observations } from "./observations.ts";

/**
 * Worst-case loss in production: the plan's schedules and replication bound with
 * the start delays and run times of this run. The change exports bound it where
 * there are some, the full exports alone otherwise. Null where neither ran.
 */
export function projectedWorstCaseSeconds(plan: Plan, exports: Observations["exports"]): number | null {
  const { fullExport, changeExport, replicationBound } = plan.backups;
  const loss = (job: typeof fullExport, run: ExportRun): number =>
    worstCaseLossSeconds({
      intervalSeconds: longestGapSeconds(job.schedule, job.timeZone),
      startDelaySeconds: run.startDelaySeconds,
      runSeconds: run.elapsedSeconds - run.startDelaySeconds,
      replicationSeconds: replicationBound.seconds,
    });
  if (exports.changes) return loss(changeExport, exports.changes);
  if (exports.full) return loss(fullExport, exports.full);
  return null;
}
