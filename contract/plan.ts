/** The plan as this program can deploy it. */
import { resolve } from "node:path";
import { loadPlan as loadAnyPlan, parsePlan as parseAnyPlan, type Plan } from "../plan/index.ts";
import { platformChecks } from "./plan-checks.ts";

/** Where a project keeps its plan, unless its configuration names another file. */
export const defaultPlanFile = "plan/continuity.yaml";

/**
 * Path of a project's plan. There is no plan to fall back on: judged by somebody else's promise, a stack may pass.
 * @param planFile setting `planFile` of the stack, relative to the directory of Pulumi.yaml
 */
export const planPath = (projectDirectory: string, planFile?: string): string =>
  resolve(projectDirectory, planFile ?? defaultPlanFile);

/**
 * Loads the plan at `path`.
 * @throws PlanError with every problem of a plan that cannot be deployed.
 */
export const loadPlan = (path: string): Plan => loadAnyPlan(path, platformChecks);

/**
 * Reads a plan from its text; `source` names it in problems.
 * @throws PlanError with every problem of a plan that cannot be deployed.
 */
export const parsePlan = (text: string, source: string): Plan => parseAnyPlan(text, source, platformChecks);
