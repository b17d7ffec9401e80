/** What a backup store needs to know, and the rules that AWS would enforce only after deployment. */
import type * as pulumi from "@pulumi/pulumi";
import type { Provider } from "@pulumi/aws/provider.js";
import { platformLimits, recoveryPointBucket, type Topology } from "../../../contract/index.ts";
import { bucketNameProblems } from "../../kit/bucket-name.ts";
import { problem, wholeNumber, type Problem } from "../../kit/problems.ts";

const { replicationTimeMinutes, infrequentAccessMinimumDays } = platformLimits.s3;

export interface BackupStoreArgs {
  /** Name prefix and both regions; the buckets' names follow from them. */
  topology: Topology;
  /** AWS account that owns everything here; 12 digits. */
  accountId: string;
  /** Provider of the alternate region; the primary's comes from `opts.provider`. */
  alternate: Provider;
  /** Days for which nobody can delete or overwrite a recovery point. */
  retentionDays: number;
  /** Seconds after which a copy must have reached the other region; S3 promises no less than 15 minutes. */
  replicationBoundSeconds: number;
  /**
   * Who may shorten a lock: nobody, not even the account's root user (`COMPLIANCE`), or a
   * role with `s3:BypassGovernanceRetention` (`GOVERNANCE`).
   * @default "COMPLIANCE"
   */
  lockMode?: "COMPLIANCE" | "GOVERNANCE" | undefined;
  /**
   * Days after which a recovery point moves to a cheaper class that is still read at once; 0: never.
   * @default 30, where the retention leaves another 30 days to pay for; otherwise 0
   */
  infrequentAccessAfterDays?: number | undefined;
  /**
   * Days for which evidence of restore tests and failovers is kept; at least the retention.
   * @default 400: one annual review looks back on the whole year
   */
  evidenceDays?: number | undefined;
  /**
   * Topic ARNs that take the alarms, by the region in which each alarm lives.
   * Omit: the alarms change their state but tell nobody.
   */
  alarmTopics?: { primary: pulumi.Input<string>; alternate: pulumi.Input<string> } | undefined;
  /**
   * True: neither the buckets nor the keys can be deleted or replaced through Pulumi.
   * @default true
   */
  protect?: boolean | undefined;
  /**
   * True: a bucket or key that leaves the program stays in AWS.
   * @default true
   */
  retainOnDelete?: boolean | undefined;
}

/** The days after which a recovery point moves to STANDARD_IA; 0 where that would cost more than it saves. */
export function infrequentAccessDays(
  args: Pick<BackupStoreArgs, "retentionDays" | "infrequentAccessAfterDays">,
): number {
  if (args.infrequentAccessAfterDays !== undefined) return args.infrequentAccessAfterDays;
  return args.retentionDays >= 2 * infrequentAccessMinimumDays ? infrequentAccessMinimumDays : 0;
}

export const evidenceDaysOf = (args: Pick<BackupStoreArgs, "evidenceDays">): number => args.evidenceDays ?? 400;

export function findProblems(args: BackupStoreArgs): Problem[] {
  return [
    ...regionProblems(args.topology),
    ...bucketNameProblems("topology.namePrefix", recoveryPointBucket(args.topology, "primary")),
    ...bucketNameProblems("topology.namePrefix", recoveryPointBucket(args.topology, "alternate")),
    ...wholeNumber("retentionDays", args.retentionDays, 1, "days"),
    ...replicationProblems(args.replicationBoundSeconds),
    ...transitionProblems(args),
    ...evidenceProblems(args),
  ];
}

function regionProblems({ primaryRegion, alternateRegion }: Topology): Problem[] {
  if (primaryRegion !== alternateRegion) return [];
  const rule = "must differ from topology.primaryRegion, or one region's loss takes both copies";
  return [problem("topology.alternateRegion", alternateRegion, rule, "name another region")];
}

function replicationProblems(value: number): Problem[] {
  if (value >= replicationTimeMinutes * 60) return [];
  const rule = `must be at least ${replicationTimeMinutes * 60}, since S3 Replication Time Control promises no less`;
  return [problem("replicationBoundSeconds", value, rule, "raise the plan's replication bound")];
}

function transitionProblems(args: BackupStoreArgs): Problem[] {
  const days = infrequentAccessDays(args);
  if (days === 0) return [];
  const latest = args.retentionDays - infrequentAccessMinimumDays;
  if (Number.isInteger(days) && days >= infrequentAccessMinimumDays && days <= latest) return [];
  const rule = `must be 0 or from ${infrequentAccessMinimumDays} (S3 refuses earlier) to ${latest} (S3 bills ${infrequentAccessMinimumDays} days of it at least)`;
  return [problem("infrequentAccessAfterDays", days, rule, "omit it or correct the days")];
}

function evidenceProblems(args: BackupStoreArgs): Problem[] {
  const days = evidenceDaysOf(args);
  if (Number.isInteger(days) && days >= args.retentionDays) return [];
  const rule = `must be a whole number of days, retentionDays (${args.retentionDays}) or more`;
  return [problem("evidenceDays", days, rule, "raise evidenceDays")];
}
