import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import type { AwsAccess } from "./context.ts";
import { metricDimension, metricNamespace, metrics, type SiteName, type Topology } from "../../contract/index.ts";

/**
 * Switches traffic by a data-plane operation in the alternate region: a metric under an alarm that a pre-created health
 * check follows. No record, health check or load balancer is changed.
 */
export async function switchTraffic(topology: Topology, to: SiteName, aws: AwsAccess = {}): Promise<void> {
  const client = new CloudWatchClient({ region: topology.alternateRegion, maxAttempts: 3, ...aws });
  try {
    await client.send(
      new PutMetricDataCommand({
        Namespace: metricNamespace,
        MetricData: [
          {
            MetricName: metrics.alternateServesTraffic,
            Dimensions: [{ Name: metricDimension, Value: topology.namePrefix }],
            Value: to === "alternate" ? 1 : 0,
            Timestamp: new Date(),
          },
        ],
      }),
      { abortSignal: AbortSignal.timeout(10_000) },
    );
  } finally {
    client.destroy();
  }
}
