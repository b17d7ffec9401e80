/** The stack's configuration; it, and not what a resource says of itself, decides which rules apply. */
import { isAbsolute } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Plan } from "../../plan/index.ts";
import {
  jobsImage,
  loadPlan,
  planPath,
  projectName,
  requireSetting,
  type SettingName,
  type StackConfiguration,
} from "../../contract/index.ts";
import { projectDirectory } from "./project.ts";

/** One key of the stack's configuration; throws, and so stops the deployment, when it is missing or wrong. */
export const stackSetting = <Name extends SettingName>(name: Name): StackConfiguration[Name] =>
  requireSetting(name, (key) => new pulumi.Config(projectName).get(key));

const plans = new Map<string, Plan>();

/** The plan that the stack's configuration names; throws, and so stops the deployment, without one that is right. */
export function stackPlan(): Plan {
  const planFile = stackSetting("planFile");
  const path = planFile !== undefined && isAbsolute(planFile) ? planFile : planPath(projectDirectory(), planFile);
  const plan = plans.get(path) ?? loadPlan(path);
  plans.set(path, plan);
  return plan;
}

/** Image of the continuity jobs. */
export const stackJobsImage = (): string =>
  jobsImage({ imageRegistry: stackSetting("imageRegistry"), imageTag: stackSetting("imageTag") });
