/** The stack program: reads configuration and plan, composes one site's stack; decides nothing. */
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { deployStack, readSettings } from "./components/stack/index.ts";
import { loadPlan } from "./contract/index.ts";

const settings = readSettings(new pulumi.Config());
const plan = settings.planFile === undefined ? loadPlan() : loadPlan(resolve(import.meta.dirname, settings.planFile));

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
