/** What `pulumi config` says, checked as a whole: every problem is told at once, before anything is created. */
import * as pulumi from "@pulumi/pulumi";
import { defaultImages, describeProblem, type Role, type SiteName } from "../../contract/index.ts";
import type { AlarmSubscriber } from "../kit/alarms/index.ts";

import { findProblems, findWarnings } from "./settings-rules.ts";
import type { Settings } from "./settings.ts";

/** Reads the stack's configuration; throws one error that names everything that is wrong. */
export function readSettings(config: pulumi.Config): Settings {
  const values = readValues(config);
  const problems = findProblems(values);
  if (problems.length > 0) {
    const lines = problems.map((problem) => `  ${config.name}:${describeProblem(problem)}`);
    throw new pulumi.RunError(
      `stack ${pulumi.getStack()}: ${problems.length} problem(s) in its configuration\n${lines.join("\n")}`,
    );
  }
  for (const warning of findWarnings(values)) void pulumi.log.warn(`${config.name}:${describeProblem(warning)}`);
  return values;
}

/** A required value that is missing is read as an empty one, so that it can be told with all the others. */
function readValues(config: pulumi.Config): Settings {
  const text = (key: string): string => config.get(key) ?? "";
  return {
    site: text("site") as SiteName,
    role: text("role") as Role,
    namePrefix: text("namePrefix"),
    namespace: text("namespace"),
    databaseNamespace: text("databaseNamespace"),
    primaryRegion: text("primaryRegion"),
    alternateRegion: text("alternateRegion"),
    accountId: text("accountId"),
    clusterName: config.get("clusterName") ?? `${text("namePrefix")}-${text("site")}`,
    publicHostname: text("publicHostname"),
    primaryHostname: text("primaryHostname"),
    alternateHostname: text("alternateHostname"),
    hostedZoneName: text("hostedZoneName"),
    hostedZoneId: config.get("hostedZoneId"),
    imageRegistry: text("imageRegistry"),
    imageTag: config.get("imageTag") ?? defaultImages.imageTag,
    databaseImage: config.get("databaseImage") ?? defaultImages.databaseImage,
    databaseStorage: config.get("databaseStorage") ?? "50Gi",
    certificateArn: config.get("certificateArn"),
    alarmSubscribers: readSubscribers(config),
    accessNames: readAccessNames(config),
    storageClassName: config.get("storageClassName"),
    tierReplicas: readReplicas(config),
    planFile: config.get("planFile"),
    kubeContext: config.get("kubeContext"),
    kubeconfig: config.getSecret("kubeconfig"),
  };
}

/** What is no list becomes one entry that breaks the rules. */
function readSubscribers(config: pulumi.Config): readonly AlarmSubscriber[] {
  const broken = [{ protocol: config.get("alarmSubscribers") ?? "", endpoint: "" }];
  try {
    const given = config.getObject<unknown>("alarmSubscribers") ?? [];
    return Array.isArray(given) ? given.map((entry) => entry ?? { protocol: "", endpoint: "" }) : broken;
  } catch {
    return broken;
  }
}

/** What is no list becomes one name that breaks the rules. */
function readAccessNames(config: pulumi.Config): readonly string[] {
  const broken = [config.get("accessNames") ?? ""];
  try {
    const given = config.getObject<unknown>("accessNames");
    return given === undefined ? [] : Array.isArray(given) ? given : broken;
  } catch {
    return broken;
  }
}

/** Text that is no JSON object becomes one that breaks the rules, and is told with all the others. */
function readReplicas(config: pulumi.Config): Record<number, number> | undefined {
  try {
    return config.getObject<Record<number, number>>("tierReplicas");
  } catch {
    return { [Number.NaN]: Number.NaN };
  }
}
