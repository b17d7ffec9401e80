/** The traffic switch: an alarm in the alternate region that Route 53 follows, operated by publishing one metric value. */
import type * as pulumi from "@pulumi/pulumi";
import type { MetricAlarm } from "@pulumi/aws/cloudwatch/metricAlarm.js";
import { HealthCheck } from "@pulumi/aws/route53/healthCheck.js";
import type { Provider } from "@pulumi/aws/provider.js";
import { metrics, switchMetricNamespace, trafficSwitchAlarm, type Topology } from "../../../contract/index.ts";
import { alarm, switchMetric } from "../../kit/alarms/index.ts";

export interface TrafficSwitchArgs {
  /** Name prefix and both regions; the alarm's name is derived from them. */
  topology: Topology;
  /** Provider of the alternate region. */
  alternate: Provider;
  /** Period of the alarm, in seconds. */
  evaluationSeconds: number;
  /** ARN of an SNS topic in the alternate region, notified of every traffic switch. Omit: nobody is notified. */
  alarmTopic?: pulumi.Input<string> | undefined;
}

/** Metric value above which the alternate site receives traffic. */
const threshold = 0.5;

/**
 * The alarm is in the region that survives, where publishing its metric is a data-plane call. Missing data does not
 * change its state, so the loss of the alternate region does not move traffic. How long Route 53 keeps the last state is
 * not documented; so the active site's traffic-watch publishes the value every minute.
 */
export const switchAlarm = (name: string, args: TrafficSwitchArgs, opts: pulumi.CustomResourceOptions): MetricAlarm =>
  alarm(
    `${name}-switch`,
    {
      // The failover command looks it up by name.
      name: trafficSwitchAlarm(args.topology),
      description: `ALARM: public traffic goes to the alternate site. Switched by publishing ${metrics.alternateServesTraffic}`,
      metric: switchMetric(args.topology),
      statistic: "Maximum",
      raised: "above",
      threshold,
      periodSeconds: args.evaluationSeconds,
      missingData: "ignore",
      topic: args.alarmTopic,
    },
    { ...opts, provider: args.alternate },
  );

/** Periods without a value after which somebody must look: the switch itself does not change without values. */
const silentPeriods = 10;

/** Raised while no site publishes the switch's value, as its last state is not kept for a documented time. */
export const silentSwitchAlarm = (
  name: string,
  args: TrafficSwitchArgs,
  opts: pulumi.CustomResourceOptions,
): MetricAlarm =>
  alarm(
    `${name}-switch-silent`,
    {
      description: `No site publishes ${metrics.alternateServesTraffic}: look at the log of traffic-watch at the active site. Users stay where they are for now`,
      metric: switchMetric(args.topology),
      statistic: "Minimum",
      // The value is never below 0: only missing data can raise this alarm.
      raised: "below",
      threshold: 0,
      periodSeconds: args.evaluationSeconds,
      periods: silentPeriods,
      missingData: "breaching",
      topic: args.alarmTopic,
    },
    { ...opts, provider: args.alternate },
  );

/** Healthy while the primary site receives traffic; unhealthy once traffic is switched to the alternate. */
export const switchHealthCheck = (
  name: string,
  alarm: MetricAlarm,
  args: TrafficSwitchArgs,
  opts: pulumi.CustomResourceOptions,
): HealthCheck =>
  new HealthCheck(
    `${name}-switch`,
    {
      type: "CLOUDWATCH_METRIC",
      cloudwatchAlarmName: alarm.name,
      cloudwatchAlarmRegion: args.topology.alternateRegion,
      // Route 53 evaluates the alarm's metric itself, not its state, so it needs the same handling of missing data.
      insufficientDataHealthStatus: "LastKnownStatus",
      // Route 53 copies the alarm's settings when the check is created; a changed trigger copies them again.
      triggers: {
        evaluationSeconds: String(args.evaluationSeconds),
        threshold: String(threshold),
        namespace: switchMetricNamespace,
      },
    },
    opts,
  );
