/** What the stack's configuration says: it, and not what a resource says of itself, decides which rules apply. */
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Plan } from "../../plan/index.ts";
import { defaultImages, jobsImage, loadPlan, projectName, type Role, type SiteName } from "../../contract/index.ts";

const repository = resolve(import.meta.dirname, "../..");

const config = (): pulumi.Config => new pulumi.Config(projectName);

const plans = new Map<string | undefined, Plan>();

/** The plan that the stack's configuration names; throws, and so stops the deployment, when it is wrong. */
export function stackPlan(): Plan {
  const planFile = config().get("planFile");
  const plan = plans.get(planFile) ?? loadPlan(planFile === undefined ? undefined : resolve(repository, planFile));
  plans.set(planFile, plan);
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
