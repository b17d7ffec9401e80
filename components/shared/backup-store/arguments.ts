/** Arguments of the backup store, and the rules that AWS would enforce only during deployment. */
import type * as pulumi from "@pulumi/pulumi";
import type { Provider } from "@pulumi/aws/provider.js";
import { platformLimits, recoveryPointBucket, type LockMode, type Topology } from "../../../contract/index.ts";
import { bucketNameProblems } from "../../kit/bucket-name.ts";
import { problem, wholeNumber, type Problem } from "../../kit/problems.ts";

const { replicationTimeMinutes, infrequentAccessMinimumDays } = platformLimits.s3;

export interface BackupStoreArgs {
  /** Name prefix and both regions; the bucket names are derived from them. */
  topology: Topology;
  /** AWS account that owns the buckets and keys; 12 digits. */
  accountId: string;
  /** Provider of the alternate region; the primary's comes from `opts.provider`. */
  alternate: Provider;
  /** Days for which a recovery point is kept, and locked unless `lockDays` is shorter. */
  retentionDays: number;
  /**
   * Days for which a new object is locked: its version can be neither deleted nor overwritten. Fewer than
   * `retentionDays` only with `GOVERNANCE`, e.g. for a first try; the rest of the retention is then unprotected.
   * @default retentionDays
   */
  lockDays?: number | undefined;
  /** Seconds within which a copy must reach the other region; at least 900, the bound of S3 Replication Time Control. */
  replicationBoundSeconds: number;
  /**
   * Who may shorten a lock: nobody, not even the account's root user (`COMPLIANCE`), or a
   * role with `s3:BypassGovernanceRetention` (`GOVERNANCE`).
   * @default "COMPLIANCE"
   */
  lockMode?: LockMode | undefined;
  /**
   * Days after which a recovery point moves to STANDARD_IA, which is cheaper and still readable immediately; 0: never.
   * @default 30 if `retentionDays` is at least 60, since S3 bills STANDARD_IA for at least 30 days; otherwise 0
   */
  infrequentAccessAfterDays?: number | undefined;
  /**
   * Days for which evidence of restore tests and failovers is kept; at least `retentionDays`.
   * @default 400, so that an annual review covers the whole year
   */
  evidenceDays?: number | undefined;
  /**
   * ARNs of the SNS topics for the alarms, by region of the alarm.
   * Omit: the alarms change state, but nobody is notified.
   */
  alarmTopics?: { primary: pulumi.Input<string>; alternate: pulumi.Input<string> } | undefined;
  /**
   * True: neither the buckets with their settings, nor their replication, nor the keys can be deleted or replaced
   * through Pulumi.
   * @default true
   */
  protect?: boolean | undefined;
  /**
   * True: a bucket with its settings, its replication or a key that is removed from the program is kept in AWS.
   * @default true
   */
  retainOnDelete?: boolean | undefined;
}

/** Days after which a recovery point moves to STANDARD_IA; 0 where that would cost more than it saves. */
export function infrequentAccessDays(
  args: Pick<BackupStoreArgs, "retentionDays" | "infrequentAccessAfterDays">,
): number {
  if (args.infrequentAccessAfterDays !== undefined) return args.infrequentAccessAfterDays;
  return args.retentionDays >= 2 * infrequentAccessMinimumDays ? infrequentAccessMinimumDays : 0;
}

/** Days for which a new object is locked. */
export const lockDaysOf = (args: Pick<BackupStoreArgs, "retentionDays" | "lockDays">): number =>
  args.lockDays ?? args.retentionDays;

export const evidenceDaysOf = (args: Pick<BackupStoreArgs, "evidenceDays">): number => args.evidenceDays ?? 400;

export function findProblems(args: BackupStoreArgs): Problem[] {
  return [
    ...regionProblems(args.topology),
    ...bucketNameProblems("topology.namePrefix", recoveryPointBucket(args.topology, "primary")),
    ...bucketNameProblems("topology.namePrefix", recoveryPointBucket(args.topology, "alternate")),
    ...wholeNumber("retentionDays", args.retentionDays, 1, "days"),
    ...lockProblems(args),
    ...replicationProblems(args.replicationBoundSeconds),
    ...transitionProblems(args),
    ...evidenceProblems(args),
  ];
}

function regionProblems({ primaryRegion, alternateRegion }: Topology): Problem[] {
  if (primaryRegion !== alternateRegion) return [];
  const rule = "must differ from topology.primaryRegion, or the loss of one region destroys both copies";
  return [problem("topology.alternateRegion", alternateRegion, rule, "name another region")];
}

function replicationProblems(value: number): Problem[] {
  if (value >= replicationTimeMinutes * 60) return [];
  const rule = `must be at least ${replicationTimeMinutes * 60}, the bound of S3 Replication Time Control`;
  return [problem("replicationBoundSeconds", value, rule, "raise the plan's replication bound")];
}

function lockProblems(args: BackupStoreArgs): Problem[] {
  const days = lockDaysOf(args);
  if (args.lockDays === undefined) return [];
  const least = args.lockMode === "GOVERNANCE" ? 1 : args.retentionDays;
  if (Number.isInteger(days) && days >= least && days <= args.retentionDays) return [];
  const rule = `must be whole days from ${least} to ${args.retentionDays}, the retention; less than the retention only with lockMode GOVERNANCE`;
  return [problem("lockDays", days, rule, "omit it or correct the days")];
}

function transitionProblems(args: BackupStoreArgs): Problem[] {
  const days = infrequentAccessDays(args);
  if (days === 0) return [];
  const latest = args.retentionDays - infrequentAccessMinimumDays;
  if (Number.isInteger(days) && days >= infrequentAccessMinimumDays && days <= latest) return [];
  const rule = `must be 0 or from ${infrequentAccessMinimumDays} (S3 refuses an earlier transition) to ${latest} (S3 bills at least ${infrequentAccessMinimumDays} days)`;
  return [problem("infrequentAccessAfterDays", days, rule, "omit it or correct the days")];
}

function evidenceProblems(args: BackupStoreArgs): Problem[] {
  const days = evidenceDaysOf(args);
  if (Number.isInteger(days) && days >= args.retentionDays) return [];
  const rule = `must be a whole number of days, retentionDays (${args.retentionDays}) or more`;
  return [problem("evidenceDays", days, rule, "raise evidenceDays")];
}
