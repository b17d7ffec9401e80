/** The stack program: reads configuration and plan, composes one stack; decides nothing. */
import * as pulumi from "@pulumi/pulumi";
import { deployStack, onExistingStack, projectDirectory, readSettings } from "./components/stack/index.ts";
import { loadPlan, planPath } from "./contract/index.ts";

const configured = readSettings(new pulumi.Config());
const plan = loadPlan(planPath(projectDirectory(), configured.planFile));
const settings = await onExistingStack(configured, plan);

export const {
  site,
  role,
  region,
  publicUrl,
  siteHostname,
  recoveryPointBucket,
  replicaBucket,
  namespace,
  trafficSwitch,
  services,
} = deployStack(settings, plan);
