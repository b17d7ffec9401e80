/** What the stack's configuration says: it, and not what a resource says of itself, decides which rules apply. */
import { isAbsolute } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Plan } from "../../plan/index.ts";
import {
  defaultImages,
  jobsImage,
  loadPlan,
  planPath,
  projectName,
  type Role,
  type SiteName,
} from "../../contract/index.ts";
import { projectDirectory } from "./project.ts";

const config = (): pulumi.Config => new pulumi.Config(projectName);

const plans = new Map<string, Plan>();

/** The plan that the stack's configuration names; throws, and so stops the deployment, without one that is right. */
export function stackPlan(): Plan {
  const planFile = config().get("planFile");
  const path = planFile !== undefined && isAbsolute(planFile) ? planFile : planPath(projectDirectory(), planFile);
  const plan = plans.get(path) ?? loadPlan(path);
  plans.set(path, plan);
  return plan;
}

const sites = ["primary", "alternate"] as const satisfies readonly SiteName[];
const roles = ["active", "standby", "isolated"] as const satisfies readonly Role[];

/** Which site the stack owns; throws when the configuration does not say so. */
export const stackSite = (): SiteName => oneOf("site", sites);

/** What the site does now; throws when the configuration does not say so. */
export const stackRole = (): Role => oneOf("role", roles);

function oneOf<Name extends string>(key: string, names: readonly Name[]): Name {
  const value = config().get(key);
  const name = names.find((known) => known === value);
  if (name !== undefined) return name;
  const rule = `it must be ${names.join(" or ")}`;
  throw new Error(`${projectName}:${key} is ${JSON.stringify(value) ?? "missing"}, ${rule}; set it in the stack`);
}

/** Kubernetes namespace of the site; throws when the configuration does not say so. */
export const stackNamespace = (): string => required("namespace");

function required(key: string): string {
  const value = config().get(key);
  if (value) return value;
  throw new Error(`${projectName}:${key} is missing, it must be set; set it in the stack`);
}

const imageSetting = (key: keyof typeof defaultImages): string => config().get(key) ?? defaultImages[key];

/** Image of the continuity jobs. */
export const stackJobsImage = (): string =>
  jobsImage({ imageRegistry: required("imageRegistry"), imageTag: imageSetting("imageTag") });

/** Image of the database. */
export const stackDatabaseImage = (): string => imageSetting("databaseImage");
