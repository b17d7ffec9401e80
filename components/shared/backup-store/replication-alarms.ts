/** Tells people when copies fail, when they are late, and when nobody can tell any more. */
import type * as pulumi from "@pulumi/pulumi";
import { MetricAlarm } from "@pulumi/aws/cloudwatch/metricAlarm.js";
import type { Provider } from "@pulumi/aws/provider.js";
import type { BucketReplicationConfig } from "@pulumi/aws/s3/bucketReplicationConfig.js";
import { otherSite, type SiteName } from "../../../contract/index.ts";
import { replicationRuleId } from "./replication.ts";

export interface ReplicationAlarmsArgs {
  /** Physical names of both buckets. */
  bucketNames: Record<SiteName, string>;
  /** The configuration of each direction, by its source. */
  replications: Record<SiteName, BucketReplicationConfig>;
  /** Seconds after which a copy is late. */
  replicationBoundSeconds: number;
  topics: Record<SiteName, pulumi.Input<string>> | undefined;
}

/** Options whose provider is the one of the region where an alarm lives. */
export type RegionalOptions = Record<SiteName, pulumi.CustomResourceOptions & { provider?: Provider }>;

const periodSeconds = 60;

/** S3 does not try a failed copy again, so the failure outlasts the moment: the longest that CloudWatch looks back. */
const failureSeconds = 86_400;
const failurePeriodSeconds = 300;

/**
 * Three alarms for each direction. The one on failures stays for a day, until a newer full export has long taken the
 * place of what was not copied, or somebody has looked.
 */
export function replicationAlarms(name: string, args: ReplicationAlarmsArgs, opts: RegionalOptions): void {
  for (const from of ["primary", "alternate"] as const) {
    const to = otherSite(from);
    const common = alarmBasics(args, from);
    // S3 publishes failures in the source's region, and only where there are copies to fail.
    new MetricAlarm(
      `${name}-${from}-to-${to}-failed`,
      {
        ...common,
        ...action(args, from),
        alarmDescription: `Recovery points fail to replicate from ${args.bucketNames[from]}: repair the cause, then run S3 Batch Replication, since failed copies are not retried. The alarm stays for a day after the last failure`,
        metricName: "OperationsFailedReplication",
        statistic: "Sum",
        period: failurePeriodSeconds,
        evaluationPeriods: failureSeconds / failurePeriodSeconds,
        datapointsToAlarm: 1,
        threshold: 0,
        treatMissingData: "notBreaching",
      },
      opts[from],
    );
    // Latency is published in the destination's region, and every minute, copies or not.
    const latency = { ...common, ...action(args, to), metricName: "ReplicationLatency", statistic: "Maximum" };
    new MetricAlarm(
      `${name}-${from}-to-${to}-late`,
      {
        ...latency,
        alarmDescription: `Recovery points from ${args.bucketNames[from]} arrive later than ${args.replicationBoundSeconds} s: the recovery point objective is at risk`,
        evaluationPeriods: 5,
        threshold: args.replicationBoundSeconds,
        treatMissingData: "notBreaching",
      },
      opts[to],
    );
    new MetricAlarm(
      `${name}-${from}-to-${to}-silent`,
      {
        ...latency,
        alarmDescription: `No replication metrics from ${args.bucketNames[from]}: the rule, the bucket or the region may be gone`,
        // No latency is below 0: only the absence of any can raise this alarm.
        comparisonOperator: "LessThanThreshold",
        threshold: 0,
        evaluationPeriods: Math.ceil(args.replicationBoundSeconds / periodSeconds),
        treatMissingData: "breaching",
      },
      opts[to],
    );
  }
}

function alarmBasics(args: ReplicationAlarmsArgs, from: SiteName) {
  return {
    namespace: "AWS/S3",
    dimensions: {
      // From the configuration, so that no alarm waits for metrics of a rule that does not exist yet.
      SourceBucket: args.replications[from].bucket,
      DestinationBucket: args.bucketNames[otherSite(from)],
      RuleId: replicationRuleId,
    },
    period: periodSeconds,
    comparisonOperator: "GreaterThanThreshold",
  };
}

const action = ({ topics }: ReplicationAlarmsArgs, site: SiteName) =>
  topics === undefined ? {} : { alarmActions: [topics[site]], okActions: [topics[site]] };
