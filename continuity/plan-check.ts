import { defaultPlanFile, loadPlan } from "../contract/index.ts";
import {
  daySeconds,
  nextReview,
  openPoints,
  planAllowedDowntime,
  planRecoveryTimes,
  planWorstCaseLoss,
  type AllowedDowntime,
  type OpenPoint,
  type Plan,
  type PlanLoss,
  type Review,
  type TierRecovery,
} from "../plan/index.ts";
import { exitStatus } from "./cannot-run.ts";
import { duration } from "./duration.ts";
import { columnsOf, fold } from "./fold.ts";

export interface PlanFigures {
  loss: PlanLoss;
  recovery: TierRecovery[];
  downtime: AllowedDowntime[];
  /** When the plan must be reviewed. */
  review: Review;
  /** What people still have to do; breaks no promise. */
  open: OpenPoint[];
}

export const planFigures = (plan: Plan): PlanFigures => ({
  loss: planWorstCaseLoss(plan),
  recovery: planRecoveryTimes(plan),
  downtime: planAllowedDowntime(plan),
  review: nextReview(plan),
  open: openPoints(plan),
});

export interface PlanCheckOptions {
  /** @default `plan/continuity.yaml` of the working directory */
  file: string | undefined;
  json: boolean;
}

/**
 * Prints the worst-case loss and recovery times that follow from the plan's schedules and estimates. Exit status: 0
 * objectives kept, 1 not kept.
 * @throws PlanError with all problems of the file
 */
export async function planCheckCommand({ file, json }: PlanCheckOptions): Promise<number> {
  const figures = planFigures(loadPlan(file ?? defaultPlanFile));
  process.stdout.write(
    json ? `${JSON.stringify(figures, undefined, 2)}\n` : fold(describePlan(figures), columnsOf(process.stdout)),
  );
  return keepsPromises(figures) ? exitStatus.met : exitStatus.missed;
}

/** A figure and its target, as one line. */
interface Judged {
  line: string;
  met: boolean;
  /** Why exceeding the target is allowed. */
  allowed?: string;
}

/** Whether no line reads NOT KEPT without a reason that allows it. */
export const keepsPromises = (figures: PlanFigures): boolean =>
  [...judgedLosses(figures), ...judgedRecoveries(figures)].every(({ met, allowed }) => met || allowed !== undefined);

const feedless =
  "the RPO applies to tables with a changefeed; full export manifests mark other tables with feed: false, add a changefeed to them";

function judgedLosses({ loss }: PlanFigures): Judged[] {
  const { withChangeExports, fullExportsOnly, rpoSeconds, met } = loss;
  return [
    { line: `with change exports       ${sum(withChangeExports)}`, met },
    {
      line: `tables without changefeed ${sum(fullExportsOnly)}`,
      met: fullExportsOnly.seconds <= rpoSeconds,
      allowed: feedless,
    },
  ];
}

const judgedRecoveries = ({ recovery }: PlanFigures): Judged[] =>
  recovery.map(({ tier, seconds, rtoSeconds, met }) => ({
    line: `tier ${tier}                    ${duration(seconds)} of ${duration(rtoSeconds)}`,
    met,
  }));

/** The review's line; `today` as in the plan, without a time. */
function reviewLine({ dueOn, remindOn }: Review, today: string): string {
  if (today <= dueOn) return `due ${dueOn}, reminder ${remindOn}`;
  const days = Math.round((Date.parse(today) - Date.parse(dueOn)) / (daySeconds * 1000));
  return `OVERDUE since ${dueOn}, ${days} ${days === 1 ? "day" : "days"}: review the plan and set about.lastUpdated`;
}

export function describePlan(figures: PlanFigures, today: string = new Date().toISOString().slice(0, 10)): string {
  const lines = [
    `Worst-case loss   RPO ${duration(figures.loss.rpoSeconds)}`,
    ...judgedLosses(figures).map(written),
    "Recovery time     estimated; a drill measures it",
    ...judgedRecoveries(figures).map(written),
    "Allowed downtime",
    ...figures.downtime.map(
      ({ window, targetPercent, seconds }) => `  ${targetPercent} % a ${window}`.padEnd(28) + duration(seconds),
    ),
    `Review            ${reviewLine(figures.review, today)}`,
    `Open points       ${figures.open.length === 0 ? "none" : figures.open.length}`,
    ...figures.open.map(({ path, what }) => `  ${path.padEnd(26)}${what}`),
  ];
  return `${lines.join("\n")}\n`;
}

function written({ line, met, allowed }: Judged): string {
  if (met) return `  ${line}: kept`;
  return `  ${line}: NOT KEPT${allowed === undefined ? "" : `, allowed: ${allowed}`}`;
}

const sum = ({ seconds, ...parts }: PlanLoss["fullExportsOnly"]): string =>
  `${duration(seconds)} = ${duration(parts.intervalSeconds ?? null)} between runs + ${duration(parts.startDelaySeconds ?? null)} late start + ${duration(parts.runSeconds ?? null)} run + ${duration(parts.replicationSeconds ?? null)} replication`;
