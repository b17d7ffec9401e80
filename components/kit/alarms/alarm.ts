/** One CloudWatch alarm: the topic gets its beginning and its end. */
import type * as pulumi from "@pulumi/pulumi";
import { MetricAlarm } from "@pulumi/aws/cloudwatch/metricAlarm.js";
import { metricDimension, metricNamespace, platformLimits, type Topology } from "../../../contract/index.ts";

/** What an alarm watches. */
export interface AlarmMetric {
  namespace: string;
  metricName: string;
  dimensions: Record<string, pulumi.Input<string>>;
}

/** A metric that this project publishes itself. */
export const ownMetric = (metricName: string, { namePrefix }: Topology): AlarmMetric => ({
  namespace: metricNamespace,
  metricName,
  dimensions: { [metricDimension]: namePrefix },
});

export interface AlarmArgs {
  /**
   * Physical name.
   * @default one that Pulumi chooses
   */
  name?: string | undefined;
  /** What it means, and what to do. */
  description: string;
  metric: AlarmMetric;
  /** Which value of a period counts. */
  statistic: "Maximum" | "Minimum" | "Sum";
  /** On which side of the threshold the alarm is raised; the threshold itself is well. */
  raised: "above" | "below";
  threshold: number;
  /**
   * Seconds of one period.
   * @default 60, the shortest of a standard-resolution metric
   */
  periodSeconds?: number | undefined;
  /**
   * Periods that are looked at.
   * @default 1
   */
  periods?: number | undefined;
  /**
   * Periods of these that raise the alarm.
   * @default all of them
   */
  periodsToAlarm?: number | undefined;
  /** State while nobody publishes: raised, well, or as it was. */
  missingData: "breaching" | "notBreaching" | "ignore";
  /** Topic ARN in the alarm's region. Omit: the state changes, and nobody is notified. */
  topic?: pulumi.Input<string> | undefined;
}

export function alarm(name: string, args: AlarmArgs, opts: pulumi.CustomResourceOptions): MetricAlarm {
  const actions = args.topic === undefined ? undefined : [args.topic];
  return new MetricAlarm(
    name,
    {
      name: args.name,
      ...args.metric,
      alarmDescription: args.description,
      statistic: args.statistic,
      period: args.periodSeconds ?? platformLimits.cloudWatch.shortestPeriodSeconds,
      evaluationPeriods: args.periods ?? 1,
      comparisonOperator: args.raised === "above" ? "GreaterThanThreshold" : "LessThanThreshold",
      threshold: args.threshold,
      datapointsToAlarm: args.periodsToAlarm,
      treatMissingData: args.missingData,
      alarmActions: actions,
      okActions: actions,
    },
    opts,
  );
}
