/** The switch: an alarm in the alternate region whose state Route 53 follows. Thrown by one published metric value. */
import type * as pulumi from "@pulumi/pulumi";
import { MetricAlarm } from "@pulumi/aws/cloudwatch/metricAlarm.js";
import { HealthCheck } from "@pulumi/aws/route53/healthCheck.js";
import type { Provider } from "@pulumi/aws/provider.js";
import {
  metricDimension,
  metricNamespace,
  metrics,
  trafficSwitchAlarm,
  type Topology,
} from "../../../contract/index.ts";

export interface TrafficSwitchArgs {
  topology: Topology;
  /** Provider of the alternate region. */
  alternate: Provider;
  /** Period of the alarm, in seconds. */
  evaluationSeconds: number;
  /** Topic ARN in the alternate region that hears of every switch. Omit: nobody is told. */
  alarmTopic?: pulumi.Input<string> | undefined;
}

/** Published value above which the alternate site serves. */
const threshold = 0.5;

/**
 * The alarm lives in the region that survives; publishing its metric is a data-plane call there. Missing data leave it
 * as it is, so that neither a reader nor the switch itself has to keep publishing, and the loss of
 * the alternate region does not move traffic.
 */
export function switchAlarm(name: string, args: TrafficSwitchArgs, opts: pulumi.CustomResourceOptions): MetricAlarm {
  const actions = args.alarmTopic === undefined ? [] : [args.alarmTopic];
  return new MetricAlarm(
    `${name}-switch`,
    {
      // The failover looks for it by name, and so does the other stack.
      name: trafficSwitchAlarm(args.topology),
      alarmDescription: `ALARM: public traffic goes to the alternate site. Switched by publishing ${metrics.alternateServesTraffic}`,
      namespace: metricNamespace,
      metricName: metrics.alternateServesTraffic,
      dimensions: { [metricDimension]: args.topology.namePrefix },
      statistic: "Maximum",
      period: args.evaluationSeconds,
      evaluationPeriods: 1,
      comparisonOperator: "GreaterThanThreshold",
      threshold,
      treatMissingData: "ignore",
      alarmActions: actions,
      okActions: actions,
    },
    { ...opts, provider: args.alternate },
  );
}

/** Healthy while the primary site serves; unhealthy as soon as the switch is thrown. */
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
      // Route 53 reads the alarm's metric, not its state, so it needs the same patience with missing data.
      insufficientDataHealthStatus: "LastKnownStatus",
      // Route 53 copies the alarm's settings when the check is made; a change here copies them again.
      triggers: { evaluationSeconds: String(args.evaluationSeconds), threshold: String(threshold) },
    },
    opts,
  );
