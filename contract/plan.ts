/** Loads the plan and checks that this program can deploy it. */
import { resolve } from "node:path";
import { loadPlan as loadAnyPlan, parsePlan as parseAnyPlan, type Plan } from "../plan/index.ts";
import { platformChecks } from "./plan-checks.ts";

/** Default path of the plan, unless the setting `planFile` overrides it. */
export const defaultPlanFile = "plan/continuity.yaml";

/**
 * Path of a project's plan. There is no fallback: a stack must not be validated against another project's plan.
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
