/** Changes of an existing stack that the platforms cannot make, or that would lose data: refused before anything changes. */
import type { Plan } from "../../plan/index.ts";
import { bytesOf, problem, trafficSwitchAlarm, type Problem, type Role } from "../../contract/index.ts";
import { knownOf, type OwnState } from "./own-state.ts";
import { lockProblems, storeNameProblems } from "./refused-changes-of-store.ts";
import type { Settings, SiteSettings } from "./settings.ts";

export interface Refused {
  /** Stop the update, whatever it is for. */
  problems: Problem[];
  /** Stop any update but a failover, which must not wait for a setting that it does not need. */
  unlessFailover: Problem[];
}

export function refusedChanges(
  before: OwnState,
  settings: Settings,
  plan: Plan,
  env: NodeJS.ProcessEnv = process.env,
): Refused {
  const part = partProblems(before, settings);
  if (part.length > 0) return { problems: part, unlessFailover: [] };
  if (settings.site === "shared") {
    const problems = [...storeNameProblems(before, settings), ...lockProblems(before, settings, plan, env)];
    return { problems, unlessFailover: [] };
  }
  const names = nameProblems(before, settings);
  return {
    // The default cluster name follows the prefix: one mistake must not look like two.
    problems: names.length > 0 ? names : clusterProblems(before, settings),
    unlessFailover: storageProblems(before, settings),
  };
}

/** The update that makes a site active: the emergency, or a planned return. */
export const isFailover = ({ outputs }: OwnState, { role }: { role: Role }): boolean =>
  role === "active" && outputs["role"] !== undefined && outputs["role"] !== "active";

/** Deploying something else would delete what the stack has, all but the protected parts. */
function partProblems(before: OwnState, { site }: Pick<Settings, "site">): Problem[] {
  const known = before.outputs["site"];
  if (known !== undefined && known !== site) {
    const rule = `must stay ${String(known)}, which this stack deploys; everything of it would be deleted`;
    return [problem("site", site, rule, "restore it, or select another stack")];
  }
  if (
    site === "shared" ||
    knownOf(before, "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration").length === 0
  )
    return [];
  const rule = "must not be updated while its stack owns what both sites share, which would be deleted";
  return [problem("site", site, rule, "move that to the shared stack first: docs/how-to/move-to-three-stacks.md")];
}

/** What every stack exports of its topology. */
interface KnownOutputs {
  /** Region of a site. */
  region?: string;
  trafficSwitch?: { alarm?: string; region?: string };
}

/** Physical names and regions cannot be changed: everything would be replaced, which the protected parts refuse half-way. */
function nameProblems({ outputs }: OwnState, settings: SiteSettings): Problem[] {
  const { region, trafficSwitch } = outputs as KnownOutputs;
  const remedy = "restore it, and deploy other stacks with the new value (docs/how-to/leave.md)";
  const deployed: [key: "primaryRegion" | "alternateRegion" | "namePrefix", value: string | undefined][] = [
    ["namePrefix", prefixOf(trafficSwitch?.alarm)],
    ["primaryRegion", settings.site === "primary" ? region : undefined],
    ["alternateRegion", trafficSwitch?.region],
  ];
  return deployed.flatMap(([key, value]) => {
    if (value === undefined || value === settings[key]) return [];
    return [problem(key, settings[key], `must stay ${value}, which is part of this stack's physical names`, remedy)];
  });
}

/** The alarm's name begins with the prefix, in every stack. */
function prefixOf(alarm: string | undefined): string | undefined {
  const suffix = trafficSwitchAlarm({ namePrefix: "", primaryRegion: "", alternateRegion: "" });
  return alarm?.endsWith(suffix) ? alarm.slice(0, -suffix.length) : undefined;
}

export const clusterBefore = (before: OwnState): string | undefined =>
  knownOf(before, "aws:eks/podIdentityAssociation:PodIdentityAssociation")
    .map(({ outputs }) => outputs["clusterName"])
    .find((name) => typeof name === "string");

/** Another cluster has another database: an active site would continue with an empty one. */
function clusterProblems(before: OwnState, settings: SiteSettings): Problem[] {
  const known = clusterBefore(before);
  const moved = known !== undefined && known !== settings.clusterName;
  if (!moved || before.outputs["role"] !== "active" || settings.role !== "active") return [];
  const rule = `must stay ${known} while the site is active, since its data stay behind in that cluster's volume`;
  const remedy = "fail over first, then replace the cluster of the site that no longer serves";
  return [problem("clusterName", settings.clusterName, rule, remedy)];
}

interface Claim {
  storage: string | undefined;
  storageClassName: string | undefined;
}

/** What the database's claim was created with; undefined before the first deployment. */
export function claimBefore(before: OwnState): Claim | undefined {
  for (const { outputs } of knownOf(before, "kubernetes:apps/v1:StatefulSet")) {
    const spec = outputs["spec"] as { volumeClaimTemplates?: { spec?: Record<string, unknown> }[] } | undefined;
    const claim = spec?.volumeClaimTemplates?.[0]?.spec;
    if (claim === undefined) continue;
    const { requests } = (claim["resources"] ?? {}) as { requests?: { storage?: string } };
    return { storage: requests?.storage, storageClassName: claim["storageClassName"] as string | undefined };
  }
  return undefined;
}

/** A claim keeps its class, and only grows. */
function storageProblems(before: OwnState, settings: SiteSettings): Problem[] {
  const claim = claimBefore(before);
  if (claim === undefined) return [];
  const problems: Problem[] = [];
  const { databaseStorage, storageClassName } = settings;
  if (storageClassName !== undefined && storageClassName !== claim.storageClassName) {
    const rule = `must stay ${claim.storageClassName ?? "unset"}, since a claim keeps its class`;
    const remedy =
      "restore it; for another class, replace the standby's database (docs/how-to/change-volume-or-cluster.md)";
    problems.push(problem("storageClassName", storageClassName, rule, remedy));
  }
  if (claim.storage !== undefined && bytesOf(databaseStorage) < bytesOf(claim.storage)) {
    const rule = `must be at least ${claim.storage}, since a claim never shrinks`;
    problems.push(problem("databaseStorage", databaseStorage, rule, `write ${claim.storage} or more`));
  }
  return problems;
}
