/** Changes of an existing stack that the platforms cannot make, or that would lose data: refused before anything changes. */
import { daySeconds, type Plan } from "../../plan/index.ts";
import { bytesOf, problem, trafficSwitchAlarm, type LockMode, type Problem } from "../../contract/index.ts";
import { knownOf, type OwnState } from "./own-state.ts";
import type { Settings } from "./settings.ts";

/** Permits one update that weakens the lock of existing buckets. */
export const weakerLockVariable = "CONTINUITY_ALLOW_WEAKER_LOCK";

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
  const names = nameProblems(before, settings);
  return {
    // The default cluster name follows the prefix: one mistake must not look like two.
    problems: names.length > 0 ? names : clusterProblems(before, settings),
    unlessFailover: [
      ...storageProblems(before, settings),
      ...(env[weakerLockVariable] === "1" ? [] : lockProblems(before, settings, plan)),
    ],
  };
}

/** The update that makes a site active: the emergency, or a planned return. */
export const isFailover = ({ outputs }: OwnState, { role }: Pick<Settings, "role">): boolean =>
  role === "active" && outputs["role"] !== undefined && outputs["role"] !== "active";

/** What every stack exports of its topology. */
interface KnownOutputs {
  /** Region of a site. */
  region?: string;
  trafficSwitch?: { alarm?: string; region?: string };
}

/** Physical names and regions cannot be changed: everything would be replaced, which the protected parts refuse half-way. */
function nameProblems({ outputs }: OwnState, settings: Settings): Problem[] {
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
function clusterProblems(before: OwnState, settings: Settings): Problem[] {
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
function storageProblems(before: OwnState, settings: Settings): Problem[] {
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

interface Lock {
  mode: LockMode;
  days: number;
}

/** Whichever setting, plan or merge asks for it. */
function lockProblems(before: OwnState, settings: Settings, plan: Plan): Problem[] {
  const wanted: Lock = {
    mode: settings.lockMode,
    days: settings.lockDays ?? Math.ceil(plan.backups.retention.seconds / daySeconds),
  };
  const locks = knownOf(before, "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration").map(
    ({ outputs }) => (outputs["rule"] as { defaultRetention?: Lock } | undefined)?.defaultRetention,
  );
  const weaker = locks.find(
    (lock) =>
      lock !== undefined && ((lock.mode === "COMPLIANCE" && wanted.mode !== lock.mode) || wanted.days < lock.days),
  );
  if (weaker === undefined) return [];
  const rule = `must not protect less than the buckets' lock, ${weaker.mode} for ${weaker.days} days`;
  const remedy = `correct lockMode, lockDays or the plan's retention; if it is meant, set ${weakerLockVariable}=1 for one update`;
  return [problem("lockMode", `${wanted.mode} for ${wanted.days} days`, rule, remedy)];
}
