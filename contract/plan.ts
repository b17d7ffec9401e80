/** The plan as this program can deploy it: what the plan itself cannot know about the platform is checked here. */
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

const platformChecks: readonly Check[] = [namesAreFree];

/**
 * Loads the project's own plan, or the one at `path`.
 * @throws PlanError with every problem of a plan that cannot be deployed.
 */
export const loadPlan = (path?: string): Plan => loadAnyPlan(path, platformChecks);

/**
 * Reads a plan from its text; `source` names it in problems.
 * @throws PlanError with every problem of a plan that cannot be deployed.
 */
export const parsePlan = (text: string, source: string): Plan => parseAnyPlan(text, source, platformChecks);
