/** Alarms for copies that fail, copies that are late, and missing replication metrics. */
import type * as pulumi from "@pulumi/pulumi";
import type { Provider } from "@pulumi/aws/provider.js";
import type { BucketReplicationConfig } from "@pulumi/aws/s3/bucketReplicationConfig.js";
import { otherSite, platformLimits, type SiteName } from "../../../contract/index.ts";
import { alarm, type AlarmMetric } from "../../kit/alarms/index.ts";
import { replicationRuleId } from "./replication.ts";

export interface ReplicationAlarmsArgs {
  /** Physical names of both buckets. */
  bucketNames: Record<SiteName, string>;
  /** Replication configuration of each direction, by source site. */
  replications: Record<SiteName, BucketReplicationConfig>;
  /** Seconds after which a copy is late. */
  replicationBoundSeconds: number;
  /** ARN of the SNS topic in each region. Omit: the alarms change state, but nobody is notified. */
  topics?: Record<SiteName, pulumi.Input<string>> | undefined;
}

/** Options with the provider of each alarm's region. */
export type RegionalOptions = Record<SiteName, pulumi.CustomResourceOptions & { provider?: Provider }>;

/** S3 does not retry a failed copy, so the alarm stays as long as CloudWatch can evaluate: one day. */
const failureSeconds = platformLimits.cloudWatch.longestLookBackSeconds;
const failurePeriodSeconds = 300;

/**
 * Three alarms for each direction. The failure alarm stays for a day; by then a newer full export has superseded the
 * missing copy.
 */
export function replicationAlarms(name: string, args: ReplicationAlarmsArgs, opts: RegionalOptions): void {
  for (const from of ["primary", "alternate"] as const) {
    const to = otherSite(from);
    // S3 publishes failures in the source's region, and only when there is something to copy.
    alarm(
      `${name}-${from}-to-${to}-failed`,
      {
        description: `Recovery points fail to replicate from ${args.bucketNames[from]}: repair the cause, then run S3 Batch Replication, since failed copies are not retried. The alarm stays for a day after the last failure`,
        metric: replicationMetric("OperationsFailedReplication", args, from),
        statistic: "Sum",
        raised: "above",
        threshold: 0,
        periodSeconds: failurePeriodSeconds,
        periods: failureSeconds / failurePeriodSeconds,
        periodsToAlarm: 1,
        missingData: "notBreaching",
        topic: args.topics?.[from],
      },
      opts[from],
    );
    // S3 publishes latency in the destination's region every minute, even if there is nothing to copy.
    const latency = {
      metric: replicationMetric("ReplicationLatency", args, from),
      statistic: "Maximum",
      topic: args.topics?.[to],
    } as const;
    alarm(
      `${name}-${from}-to-${to}-late`,
      {
        ...latency,
        description: `Recovery points from ${args.bucketNames[from]} arrive later than ${args.replicationBoundSeconds} s: the recovery point objective is at risk`,
        raised: "above",
        threshold: args.replicationBoundSeconds,
        periods: 5,
        missingData: "notBreaching",
      },
      opts[to],
    );
    alarm(
      `${name}-${from}-to-${to}-silent`,
      {
        ...latency,
        description: `No replication metrics from ${args.bucketNames[from]}: the rule, the bucket or the region may be gone`,
        // Latency is never below 0: only missing data can raise this alarm.
        raised: "below",
        threshold: 0,
        periods: Math.ceil(args.replicationBoundSeconds / platformLimits.cloudWatch.shortestPeriodSeconds),
        missingData: "breaching",
      },
      opts[to],
    );
  }
}

const replicationMetric = (metricName: string, args: ReplicationAlarmsArgs, from: SiteName): AlarmMetric => ({
  namespace: "AWS/S3",
  metricName,
  dimensions: {
    // An output of the configuration, so that the alarm is created after the rule whose metrics it evaluates.
    SourceBucket: args.replications[from].bucket,
    DestinationBucket: args.bucketNames[otherSite(from)],
    RuleId: replicationRuleId,
  },
});
