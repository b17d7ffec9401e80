import type { Existing } from "@vapora-continuity/local-cloud/aws";
import {
  clusterNameOf,
  describeProblem,
  inProject,
  readConfiguration,
  regionOf,
  type SettingName,
  type SiteName,
  type StackPart,
} from "../../contract/index.ts";

const ofSite = [
  "clusterName",
  "namePrefix",
  "primaryRegion",
  "alternateRegion",
  "cluster",
] as const satisfies SettingName[];

/** What the stacks presume: the public zone, and each site's cluster unless its stack creates it. */
export function existingIn(config: Readonly<Record<StackPart, Record<string, string>>>): Existing {
  const clustersOf = (site: SiteName) => {
    const values = { ...readValues(ofSite, config[site]), site };
    return values.cluster === "created" ? [] : [{ region: regionOf(values, site), name: clusterNameOf(values) }];
  };
  return {
    zones: [readValues(["hostedZoneName"], config.shared).hostedZoneName],
    clusters: [...clustersOf("primary"), ...clustersOf("alternate")],
  };
}

/** @throws Error that lists every problem of these keys */
export function readValues<Name extends SettingName>(names: readonly Name[], config: Record<string, string>) {
  const { values, problems } = readConfiguration(names, (name) => config[name]);
  if (problems.length > 0) throw new Error(problems.map((found) => describeProblem(inProject(found))).join("\n"));
  return values;
}
