import { loadPlan } from "../contract/index.ts";
import {
  planAllowedDowntime,
  planRecoveryTimes,
  planWorstCaseLoss,
  type AllowedDowntime,
  type Plan,
  type PlanLoss,
  type TierRecovery,
} from "../plan/index.ts";
import { exitStatus } from "./cannot-run.ts";
import { duration } from "./duration.ts";

export interface PlanFigures {
  loss: PlanLoss;
  recovery: TierRecovery[];
  downtime: AllowedDowntime[];
}

export const planFigures = (plan: Plan): PlanFigures => ({
  loss: planWorstCaseLoss(plan),
  recovery: planRecoveryTimes(plan),
  downtime: planAllowedDowntime(plan),
});

/**
 * Says what the plan's own schedules and estimates add up to. Exit status: 0 it
 * keeps its promises, 1 it does not.
 * @throws PlanError with every problem of the file at once
 */
export function planCheckCommand(file: string | undefined, options: { json?: boolean }): number {
  const plan = loadPlan(file);
  const figures = planFigures(plan);
  process.stdout.write(options.json === true ? `${JSON.stringify(figures, undefined, 2)}\n` : describe(figures));
  const kept = figures.loss.met && figures.recovery.every((tier) => tier.met);
  return kept ? exitStatus.met : exitStatus.missed;
}

function describe({ loss, recovery, downtime }: PlanFigures): string {
  const parts = ({ intervalSeconds, startDelaySeconds, runSeconds, replicationSeconds }: PlanLoss["fullExportsOnly"]) =>
    `${duration(intervalSeconds ?? null)} between runs + ${duration(startDelaySeconds ?? null)} late start + ${duration(runSeconds ?? null)} run + ${duration(replicationSeconds ?? null)} replication`;
  const lines = [
    `Worst-case loss   RPO ${duration(loss.rpoSeconds)}`,
    `  with change exports       ${duration(loss.withChangeExports.seconds)} = ${parts(loss.withChangeExports)}: ${verdict(loss.met)}`,
    `  tables without changefeed ${duration(loss.fullExportsOnly.seconds)} = ${parts(loss.fullExportsOnly)}: ${loss.fullExportsOnly.seconds <= loss.rpoSeconds ? "kept" : "NOT KEPT; the export names such tables, give them one"}`,
    "Recovery time     as estimated; a drill measures it",
    ...recovery.map(
      ({ tier, seconds, rtoSeconds, met }) =>
        `  tier ${tier}                    ${duration(seconds)} of ${duration(rtoSeconds)}: ${verdict(met)}`,
    ),
    "Allowed downtime",
    ...downtime.map(
      ({ window, targetPercent, seconds }) => `  ${targetPercent} % a ${window}`.padEnd(28) + duration(seconds),
    ),
  ];
  return `${lines.join("\n")}\n`;
}

const verdict = (met: boolean): string => (met ? "kept" : "NOT KEPT");
