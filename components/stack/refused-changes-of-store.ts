/** Changes that the shared stack refuses: its buckets can be neither renamed nor moved, and their lock stays as strong. */
import { daySeconds, type Plan } from "../../plan/index.ts";
import { problem, recoveryPointBucket, regionOf, type LockMode, type Problem } from "../../contract/index.ts";
import { knownOf, type OwnState } from "./own-state.ts";
import type { SharedSettings } from "./settings.ts";

/** Permits one update that weakens the lock of existing buckets. */
export const weakerLockVariable = "CONTINUITY_ALLOW_WEAKER_LOCK";

/** Another prefix or region would replace both buckets, which their protection refuses half-way. */
export function storeNameProblems(before: OwnState, settings: SharedSettings): Problem[] {
  const buckets = knownOf(before, "aws:s3/bucket:Bucket").map(({ outputs }) => String(outputs["bucket"]));
  if (buckets.length === 0) return [];
  const remedy = "restore it, and deploy other stacks with the new value (docs/how-to/leave.md)";
  const rule = `must stay as in the names of this stack's buckets, ${buckets.toSorted().join(" and ")}`;
  const sites = ["primary", "alternate"] as const;
  const moved = sites.filter((site) => {
    const suffix = recoveryPointBucket({ ...settings, namePrefix: "" }, site);
    return !buckets.some((bucket) => bucket.endsWith(suffix));
  });
  const renamed = sites.some((site) => !moved.includes(site) && !buckets.includes(recoveryPointBucket(settings, site)));
  return [
    ...moved.map((site) => problem(`${site}Region`, regionOf(settings, site), rule, remedy)),
    ...(renamed ? [problem("namePrefix", settings.namePrefix, rule, remedy)] : []),
  ];
}

interface Lock {
  mode: LockMode;
  days: number;
}

/** A weaker lock, whichever setting, plan or merge asks for it. */
export function lockProblems(
  before: OwnState,
  settings: Pick<SharedSettings, "lockMode" | "lockDays">,
  plan: Plan,
  env: NodeJS.ProcessEnv,
): Problem[] {
  if (env[weakerLockVariable] === "1") return [];
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
