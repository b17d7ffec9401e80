/** Rules for schedules that the Kubernetes API accepts but does not run reliably. */
import type { JobSchedule } from "../../../plan/index.ts";
import { platformLimits } from "../../../contract/index.ts";
import { problem, type Problem } from "../../kit/problems.ts";

const { shortestStartDeadlineSeconds } = platformLimits.kubernetes;

export function scheduleProblems(where: string, { startDeadline, runTimeLimit }: JobSchedule): Problem[] {
  const problems: Problem[] = [];
  if (!(startDeadline.seconds >= shortestStartDeadlineSeconds)) {
    const rule = `must be at least PT${shortestStartDeadlineSeconds}S, the interval at which Kubernetes checks for due runs`;
    problems.push(problem(`${where}.startDeadline`, startDeadline.iso, rule, "raise it in the plan"));
  }
  if (!(runTimeLimit.seconds >= 1)) {
    const rule = "must be at least PT1S, or Kubernetes stops every run immediately";
    problems.push(problem(`${where}.runTimeLimit`, runTimeLimit.iso, rule, "raise it in the plan"));
  }
  return problems;
}
