/** Severity of an incident, and how long teams may try before full disaster recovery starts. */
import type { Plan, Severity } from "./schema/plan.ts";
import { planRecoveryTimes } from "./rto.ts";

/** Observed facts of an incident. */
export interface Observation {
  /** Share of affected users, 0 to 100; NaN (unknown) counts as 100. */
  readonly usersAffectedPercent: number;
  readonly criticalPathBroken: boolean;
}

/** Returns the most severe matching level; an unknown share of users counts as all users. */
export function severityOf(
  plan: Pick<Plan, "severities">,
  { usersAffectedPercent, criticalPathBroken }: Observation,
): Severity {
  const share = Number.isNaN(usersAffectedPercent) ? 100 : usersAffectedPercent;
  const levels = plan.severities.toSorted((a, b) => a.level - b.level);
  const found = levels.find(
    (level) => (criticalPathBroken && level.criticalPathBroken) || fits(level.usersAffected, share),
  );
  const worst = found ?? levels[0];
  if (!worst) throw new RangeError("the plan has no severity level");
  return worst;
}

function fits(affected: Severity["usersAffected"], share: number): boolean {
  return "atLeastPercent" in affected ? share >= affected.atLeastPercent : share > affected.moreThanPercent;
}

/**
 * Seconds after which full recovery must start at a level, because the escalation ladder is exhausted or the level's
 * RTO would be missed. 0 for a disaster, undefined for a level without escalation.
 */
export function fullRecoveryDueSeconds(
  plan: Pick<Plan, "escalation" | "recovery" | "tiers" | "traffic">,
  severity: Severity,
): number | undefined {
  const { steps, fullRecovery } = plan.escalation;
  if (severity.declaresDisaster || severity.escalationEntry === fullRecovery.id) return 0;
  const entry = steps.findIndex((step) => step.id === severity.escalationEntry);
  if (entry < 0) return undefined;
  const ladder = steps.slice(entry).reduce((sum, step) => sum + step.resolveWithin.seconds, 0);
  if (!severity.rto) return ladder;
  const fastest = Math.min(...planRecoveryTimes(plan).map((tier) => tier.seconds));
  return Math.min(ladder, severity.rto.seconds - fastest);
}
