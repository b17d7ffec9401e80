/** The plan as this program can deploy it: what the plan itself cannot know about the platform is checked here. */
import { resolve } from "node:path";
import {
  check,
  finding,
  loadPlan as loadAnyPlan,
  parsePlan as parseAnyPlan,
  placed,
  type Check,
  type Plan,
} from "../plan/index.ts";
import { kubernetesNames, reservedNames } from "./kubernetes-names.ts";

const namesAreFree = check(["tiers"], function* (plan) {
  for (const { service, path } of placed(plan)) {
    if (service.holdsData || !reservedNames.includes(service.id)) continue;
    yield finding(
      [...path, "id"],
      "the program deploys something of its own under that name",
      service.id === kubernetesNames.database ? "rename it, or set holdsData if it is the database" : "rename it",
    );
  }
});

/** Where a project keeps its plan, unless its configuration names another file. */
export const defaultPlanFile = "plan/continuity.yaml";

/**
 * Path of a project's plan. There is no plan to fall back on: judged by somebody else's promise, a stack may pass.
 * @param planFile setting `planFile` of the stack, relative to the directory of Pulumi.yaml
 */
export const planPath = (projectDirectory: string, planFile?: string): string =>
  resolve(projectDirectory, planFile ?? defaultPlanFile);

const platformChecks: readonly Check[] = [namesAreFree];

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
