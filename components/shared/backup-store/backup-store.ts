import * as pulumi from "@pulumi/pulumi";
import { bucketArn, partitionOf, recoveryPointBucket, regionOf, type SiteName } from "../../../contract/index.ts";
import { refuse } from "../../kit/problems.ts";
import { evidenceDaysOf, findProblems, infrequentAccessDays, lockDaysOf, type BackupStoreArgs } from "./arguments.ts";
import { lockedBucket, type LockedBucket } from "./locked-bucket.ts";
import { recoveryKeys, type RecoveryKeys } from "./recovery-keys.ts";
import { replicationAlarms } from "./replication-alarms.ts";
import { replicateBothWays, type ReplicationPair } from "./replication.ts";

/**
 * Keeps every recovery point in two regions, versioned and locked, so that losing one region,
 * one bucket or one administrator loses no recovery point.
 */
export class BackupStore extends pulumi.ComponentResource {
  /** Physical name of the bucket in each region. */
  public readonly bucketNames: Readonly<Record<SiteName, pulumi.Output<string>>>;
  /** ARN of the KMS key in each region; both have the same key material. */
  public readonly keyArns: Readonly<Record<SiteName, pulumi.Output<string>>>;

  constructor(name: string, args: BackupStoreArgs, opts?: pulumi.ComponentResourceOptions) {
    super("continuity:backup-store:BackupStore", name, {}, opts);
    refuse(this, `BackupStore "${name}"`, findProblems(args));

    if (args.lockMode === "GOVERNANCE") warnOfGovernance(this, lockDaysOf(args));
    const partition = partitionOf(args.topology.primaryRegion);
    const guard = { protect: args.protect ?? true, retainOnDelete: args.retainOnDelete ?? true };
    const inPrimary = { parent: this };
    const inAlternate = { parent: this, provider: args.alternate };

    const keys = recoveryKeys(name, args.accountId, partition, args.alternate, { ...inPrimary, ...guard });
    const buckets = {
      primary: this.bucketIn("primary", name, args, keys, { ...inPrimary, ...guard }),
      alternate: this.bucketIn("alternate", name, args, keys, { ...inAlternate, ...guard }),
    };
    const pair = pairOf(args, buckets, keys);
    const replications = replicateBothWays(name, pair, args.alternate, { ...inPrimary, ...guard });
    replicationAlarms(
      name,
      {
        bucketNames: bucketNamesOf(args),
        replications,
        replicationBoundSeconds: args.replicationBoundSeconds,
        topics: args.alarmTopics,
      },
      { primary: inPrimary, alternate: inAlternate },
    );

    this.bucketNames = { primary: buckets.primary.bucket.bucket, alternate: buckets.alternate.bucket.bucket };
    this.keyArns = { primary: keys.primary.arn, alternate: keys.alternate.arn };
    this.registerOutputs({ bucketNames: this.bucketNames, keyArns: this.keyArns });
  }

  private bucketIn(
    site: SiteName,
    name: string,
    args: BackupStoreArgs,
    keys: RecoveryKeys,
    options: Parameters<typeof lockedBucket>[2],
  ): LockedBucket {
    const bucketArgs = {
      bucketName: recoveryPointBucket(args.topology, site),
      partition: partitionOf(args.topology.primaryRegion),
      keyArn: keys[site].arn,
      lockMode: args.lockMode ?? "COMPLIANCE",
      lockDays: lockDaysOf(args),
      longestLockDays: evidenceDaysOf(args),
      lifecycle: {
        retentionDays: args.retentionDays,
        infrequentAccessAfterDays: infrequentAccessDays(args),
        evidenceDays: evidenceDaysOf(args),
      },
    } as const;
    return lockedBucket(`${name}-${site}`, bucketArgs, options);
  }
}

/** At every preview: a lock that was meant for a first try must not stay unnoticed. */
function warnOfGovernance(store: pulumi.Resource, days: number): void {
  const risk = `a role with s3:BypassGovernanceRetention, such as any administrator, can delete recovery points within their ${days} days of lock`;
  void pulumi.log.warn(`lockMode is GOVERNANCE: ${risk}; use COMPLIANCE for real data`, store);
}

const bucketNamesOf = ({ topology }: BackupStoreArgs): Record<SiteName, string> => ({
  primary: recoveryPointBucket(topology, "primary"),
  alternate: recoveryPointBucket(topology, "alternate"),
});

function pairOf(args: BackupStoreArgs, buckets: Record<SiteName, LockedBucket>, keys: RecoveryKeys): ReplicationPair {
  const partition = partitionOf(args.topology.primaryRegion);
  const end = (site: SiteName) => ({
    bucketArn: bucketArn(partition, bucketNamesOf(args)[site]),
    region: regionOf(args.topology, site),
    keyArn: keys[site].arn,
    locked: buckets[site],
  });
  return { primary: end("primary"), alternate: end("alternate") };
}
