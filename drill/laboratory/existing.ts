import type { Existing } from "@vapora-continuity/local-cloud/aws";
import {
  clusterNameOf,
  describeProblem,
  inProject,
  readConfiguration,
  regionOf,
  type SettingName,
  type SiteName,
} from "../../contract/index.ts";

const settings = [
  "clusterName",
  "namePrefix",
  "site",
  "primaryRegion",
  "alternateRegion",
  "hostedZoneName",
  "cluster",
] as const satisfies SettingName[];

/** What the stacks presume: the public zone, and each site's cluster unless its stack creates it. */
export function existingIn(config: Readonly<Record<SiteName, Record<string, string>>>): Existing {
  const sites = Object.values(config).map((values) => readValues(settings, values));
  return {
    zones: [...new Set(sites.map(({ hostedZoneName }) => hostedZoneName))],
    clusters: sites.flatMap((values) =>
      values.cluster === "created" ? [] : [{ region: regionOf(values, values.site), name: clusterNameOf(values) }],
    ),
  };
}

/** @throws Error that lists every problem of these keys */
export function readValues<Name extends SettingName>(names: readonly Name[], config: Record<string, string>) {
  const { values, problems } = readConfiguration(names, (name) => config[name]);
  if (problems.length > 0) throw new Error(problems.map((found) => describeProblem(inProject(found))).join("\n"));
  return values;
}
