/** The plan that the stack is deployed with. */
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { loadPlan, type Plan } from "../../plan/index.ts";

const repository = resolve(import.meta.dirname, "../..");

/** Loads the plan that the stack's configuration names; throws, and so stops the deployment, when it is wrong. */
export function stackPlan(): Plan {
  const planFile = new pulumi.Config("vapora-continuity").get("planFile");
  return planFile === undefined ? loadPlan() : loadPlan(resolve(repository, planFile));
}
