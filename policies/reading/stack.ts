/** The stack's configuration; rules apply by configuration, not by what resources declare about themselves. */
import { isAbsolute } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Plan } from "../../plan/index.ts";
import {
  jobsImage,
  loadPlan,
  planPath,
  projectName,
  projectVariable,
  requireSetting,
  type SettingName,
  type StackConfiguration,
} from "../../contract/index.ts";
import { projectDirectory } from "./project.ts";

/** One key of the stack's configuration; throws, which stops the deployment, if it is missing or invalid. */
export const stackSetting = <Name extends SettingName>(name: Name): StackConfiguration[Name] =>
  requireSetting(name, (key) => new pulumi.Config(projectName).get(key));

const plans = new Map<string, Plan>();

/** The plan of the stack; throws, which stops the deployment, if it is missing or invalid. */
export function stackPlan(): Plan {
  const planFile = stackSetting("planFile");
  const key = JSON.stringify([planFile, pulumi.getProject(), process.env[projectVariable], process.env["PWD"]]);
  const plan =
    plans.get(key) ?? loadPlan(planFile !== undefined && isAbsolute(planFile) ? planFile : inProject(planFile));
  plans.set(key, plan);
  return plan;
}

const inProject = (planFile: string | undefined): string => planPath(projectDirectory(), planFile);

/** Image of the continuity jobs. */
export const stackJobsImage = (): string =>
  jobsImage({ imageRegistry: stackSetting("imageRegistry"), imageTag: stackSetting("imageTag") });
