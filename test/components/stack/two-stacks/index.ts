/** The program of an existing deployment of two stacks, which its owner moves to three. */
import * as pulumi from "@pulumi/pulumi";
import {
  clusterNameOf,
  readConfiguration,
  recoveryPointBucket as bucketOf,
  regionOf,
  stackSettings,
  type SettingName,
} from "../../../../contract/index.ts";
import { examplePlan } from "../../../support/example-plan.ts";
import { deployTwoStacks, type OneOfTwo } from "./compose.ts";

const config = new pulumi.Config();
const { values, problems } = readConfiguration(Object.keys(stackSettings) as SettingName[], (name) => config.get(name));
if (problems.length > 0) throw new Error(JSON.stringify(problems));
const settings = { ...values, clusterName: clusterNameOf(values), kubeconfig: undefined } as unknown as OneOfTwo;
deployTwoStacks(settings, examplePlan());

/** Some of its outputs: the new program reads them from its own state. */
export const { site, role } = settings;
export const region = regionOf(settings, site);
export const recoveryPointBucket = bucketOf(settings, site);
