import { daySeconds } from "../plan/index.ts";
import { platformLimits, type LockMode } from "../contract/index.ts";
import { checkExportsReachStore } from "./reading/store-places.ts";
import {
  hasKey,
  listAt,
  numberAt,
  ofType,
  regionOf,
  stackPlan,
  stackRule,
  stackSetting,
  textAt,
  types,
  valueAt,
  withText,
  type Found,
  type Report,
} from "./reading/index.ts";

/**
 * Fails closed: the shared stack owns the store, so a missing or renamed part is a violation there. The stacks of the sites
 * need no store, and if they have one, the same rules apply; their exports must write the shared stack's buckets. Both
 * sides are compared with the names that follow from the configuration, since no stack reads another's state.
 */
export const backupStoreReplicatedAndLocked = stackRule({
  name: "backup-store-replicated-and-locked",
  description:
    "Every recovery point is copied to another region in time, and locked in both for as long as the plan says.",
  check: (resources, report) => {
    const part = stackSetting("site");
    const replications = ofType(resources, types.replication);
    if (part === "shared" && replications.length < 2) {
      report(
        `${replications.length} resources of type ${types.replication}, at least two are needed, one for each direction; ` +
          `keep the BackupStore in the shared stack`,
      );
    }
    for (const replication of replications) {
      checkDirection(replication, resources, report);
      checkReturn(replication, replications, report);
    }
    const wanted = wantedLock();
    const buckets = storeBuckets(replications, resources);
    for (const bucket of buckets) checkLock(bucket, resources, wanted, report);
    checkExportsReachStore(part, buckets, resources, report);
  },
});

const bucketNamed = (resources: readonly Found[], name: string | undefined): Found | undefined =>
  withText(ofType(resources, types.bucket), "bucket", name)[0];

const nameInArn = (arn: string | undefined): string | undefined => arn?.split(":::")[1];

const ruleOf = (replication: Found): unknown => listAt(replication.props, "rules")[0];

const endsOf = (replication: Found): (string | undefined)[] => [
  textAt(replication.props, "bucket"),
  nameInArn(textAt(ruleOf(replication), "destination.bucket")),
];

function storeBuckets(replications: readonly Found[], resources: readonly Found[]): Found[] {
  const buckets = replications.flatMap(endsOf).flatMap((name) => bucketNamed(resources, name) ?? []);
  return [...new Set(buckets)];
}

function checkDirection(replication: Found, resources: readonly Found[], report: Report): void {
  const [source, destination] = endsOf(replication).map((name) => bucketNamed(resources, name));
  const regions = [source, destination].map((bucket) => (bucket === undefined ? undefined : regionOf(bucket)));
  if (!(regions[0] !== undefined && regions[1] !== undefined && regions[0] !== regions[1])) {
    report(
      `${replication.name}: copies from ${regions[0] ?? "an unknown region"} to ${regions[1] ?? "an unknown region"}, it must ` +
        `be two buckets of this stack in two regions; give the destination bucket the alternate region's provider`,
      replication.urn,
    );
  }
  const rules = listAt(replication.props, "rules");
  if (rules.length !== 1) {
    report(
      `${replication.name}: ${rules.length} rules, one for all objects is needed; remove the others`,
      replication.urn,
    );
  }
  for (const broken of brokenSettings(rules[0])) {
    report(`${replication.name}: ${broken}`, replication.urn);
  }
}

/** Two one-way pairs do not replace one pair that replicates both ways. */
function checkReturn(replication: Found, all: readonly Found[], report: Report): void {
  const [source, destination] = endsOf(replication);
  const back = all.some((other) => {
    const [from, to] = endsOf(other);
    return from !== undefined && to !== undefined && from === destination && to === source;
  });
  if (back) return;
  report(
    `${replication.name}: no replication back from ${destination ?? "an unknown bucket"}, so after a failover new recovery ` +
      `points would stay in one region; replicate both ways`,
    replication.urn,
  );
}

interface RuleSetting {
  path: string;
  wanted: string | number;
  why: string;
}

const settings: readonly RuleSetting[] = [
  { path: "status", wanted: "Enabled", why: "or nothing is copied" },
  { path: "filter.prefix", wanted: "", why: "or some objects are not copied" },
  { path: "deleteMarkerReplication.status", wanted: "Disabled", why: "or a deletion propagates to the other copy" },
  {
    path: "sourceSelectionCriteria.sseKmsEncryptedObjects.status",
    wanted: "Enabled",
    why: "or encrypted objects are skipped",
  },
  {
    path: "sourceSelectionCriteria.replicaModifications.status",
    wanted: "Enabled",
    why: "or a longer lock is not replicated back",
  },
  { path: "destination.replicationTime.status", wanted: "Enabled", why: "or replication has no time limit" },
  {
    path: "destination.replicationTime.time.minutes",
    wanted: platformLimits.s3.replicationTimeMinutes,
    why: "the only value that S3 accepts",
  },
  { path: "destination.metrics.status", wanted: "Enabled", why: "or failures and delays go unnoticed" },
];

function brokenSettings(rule: unknown): string[] {
  const broken = settings
    .filter(({ path, wanted }) => valueAt(rule, path) !== wanted)
    .map(({ path, wanted, why }) => {
      const value = JSON.stringify(valueAt(rule, path)) ?? "missing";
      return `${path} is ${value}, it must be ${JSON.stringify(wanted)}, ${why}; set it`;
    });
  if (hasKey(rule, "destination.encryptionConfiguration", "replicaKmsKeyId")) return broken;
  const rest = "S3 accepts the rule only with the key for the replicas; set the destination region's key";
  return [...broken, `destination.encryptionConfiguration.replicaKmsKeyId is missing, ${rest}`];
}

interface Lock {
  mode: LockMode;
  days: number;
}

/** What configuration and plan demand; a lock shorter than the retention is allowed in mode GOVERNANCE only. */
function wantedLock(): Lock {
  const [mode, days] = [stackSetting("lockMode"), stackSetting("lockDays")];
  const retentionDays = stackPlan().backups.retention.seconds / daySeconds;
  return { mode, days: mode === "GOVERNANCE" ? (days ?? retentionDays) : retentionDays };
}

/** The settings of a bucket, without which a kept bucket would protect nothing. */
const partsOfBucket = [
  types.versioning,
  types.objectLock,
  types.replication,
  types.encryption,
  types.publicAccess,
  types.bucketPolicy,
  types.lifecycle,
  types.ownership,
];

function checkLock(bucket: Found, resources: readonly Found[], wanted: Lock, report: Report): void {
  const name = textAt(bucket.props, "bucket");
  const broken = (problem: string): void => report(`${bucket.name}: ${problem}`, bucket.urn);
  const of = (type: string) => withText(ofType(resources, type), "bucket", name)[0]?.props;
  if (valueAt(bucket.props, "objectLockEnabled") !== true) {
    broken("objectLockEnabled is not true; it can be set at creation only, so create a new bucket with it");
  }
  if (textAt(of(types.versioning), "versioningConfiguration.status") !== "Enabled") {
    broken(`no ${types.versioning} with status Enabled; locks apply to versions, so enable versioning`);
  }
  const lock = valueAt(of(types.objectLock), "rule.defaultRetention");
  const mode = textAt(lock, "mode");
  const days = numberAt(lock, "days");
  const strong = mode === "COMPLIANCE" || mode === wanted.mode;
  if (!(strong && days >= wanted.days)) {
    broken(
      `default lock is ${mode ?? "missing"} for ${Number.isNaN(days) ? "unknown" : days} days (${types.objectLock}), ` +
        `configuration and plan want ${wanted.mode} for ${wanted.days} days; lock at least as strictly and as long`,
    );
  }
  const parts = partsOfBucket.flatMap((type) => withText(ofType(resources, type), "bucket", name));
  for (const part of [bucket, ...parts]) {
    if (part.protect) continue;
    const what = part === bucket ? "it" : `its ${part.type}`;
    broken(`${what} is not protected, so a change of the program could delete it; set protect`);
  }
}
