/** Tells people when copies fail, when they are late, and when nobody can tell any more. */
import type * as pulumi from "@pulumi/pulumi";
import type { Provider } from "@pulumi/aws/provider.js";
import type { BucketReplicationConfig } from "@pulumi/aws/s3/bucketReplicationConfig.js";
import { otherSite, platformLimits, type SiteName } from "../../../contract/index.ts";
import { alarm, type AlarmMetric } from "../../kit/alarms/index.ts";
import { replicationRuleId } from "./replication.ts";

export interface ReplicationAlarmsArgs {
  /** Physical names of both buckets. */
  bucketNames: Record<SiteName, string>;
  /** The configuration of each direction, by its source. */
  replications: Record<SiteName, BucketReplicationConfig>;
  /** Seconds after which a copy is late. */
  replicationBoundSeconds: number;
  /** Topic ARN of each region. Omit: the alarms change their state, and nobody is notified. */
  topics?: Record<SiteName, pulumi.Input<string>> | undefined;
}

/** Options whose provider is the one of the region where an alarm lives. */
export type RegionalOptions = Record<SiteName, pulumi.CustomResourceOptions & { provider?: Provider }>;

/** S3 does not try a failed copy again, so the failure outlasts the moment: the longest that CloudWatch looks back. */
const failureSeconds = platformLimits.cloudWatch.longestLookBackSeconds;
const failurePeriodSeconds = 300;

/**
 * Three alarms for each direction. The one on failures stays for a day, until a newer full export has long taken the
 * place of what was not copied, or somebody has looked.
 */
export function replicationAlarms(name: string, args: ReplicationAlarmsArgs, opts: RegionalOptions): void {
  for (const from of ["primary", "alternate"] as const) {
    const to = otherSite(from);
    // S3 publishes failures in the source's region, and only where there are copies to fail.
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
    // Latency is published in the destination's region, and every minute, copies or not.
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
        // No latency is below 0: only missing data can raise this alarm.
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
    // From the configuration, so that no alarm waits for metrics of a rule that does not exist yet.
    SourceBucket: args.replications[from].bucket,
    DestinationBucket: args.bucketNames[otherSite(from)],
    RuleId: replicationRuleId,
  },
});
