/** The switch: an alarm in the alternate region whose state Route 53 follows. Thrown by one published metric value. */
import type * as pulumi from "@pulumi/pulumi";
import type { MetricAlarm } from "@pulumi/aws/cloudwatch/metricAlarm.js";
import { HealthCheck } from "@pulumi/aws/route53/healthCheck.js";
import type { Provider } from "@pulumi/aws/provider.js";
import { metrics, trafficSwitchAlarm, type Topology } from "../../../contract/index.ts";
import { alarm, ownMetric } from "../../kit/alarms/index.ts";

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
export const switchAlarm = (name: string, args: TrafficSwitchArgs, opts: pulumi.CustomResourceOptions): MetricAlarm =>
  alarm(
    `${name}-switch`,
    {
      // Failover and the other stack find it by name.
      name: trafficSwitchAlarm(args.topology),
      description: `ALARM: public traffic goes to the alternate site. Switched by publishing ${metrics.alternateServesTraffic}`,
      metric: ownMetric(metrics.alternateServesTraffic, args.topology),
      statistic: "Maximum",
      raised: "above",
      threshold,
      periodSeconds: args.evaluationSeconds,
      missingData: "ignore",
      topic: args.alarmTopic,
    },
    { ...opts, provider: args.alternate },
  );

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
