import { setTimeout as delay } from "node:timers/promises";
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import type { AwsAccess } from "./context.ts";
import {
  metricDimension,
  metricNamespace,
  metrics,
  switchMetricNamespace,
  type SiteName,
  type Topology,
} from "../../contract/index.ts";

/** A stack that was deployed before the switch had a namespace of its own still follows the other one. */
const namespaces = [switchMetricNamespace, metricNamespace];

/**
 * Switches traffic by a data-plane operation in the alternate region: a metric under an alarm that a pre-created health
 * check follows. No record, health check or load balancer is changed.
 */
export async function switchTraffic(topology: Topology, to: SiteName, aws: AwsAccess = {}): Promise<void> {
  const client = new CloudWatchClient({ region: topology.alternateRegion, maxAttempts: 3, ...aws });
  const datum = {
    MetricName: metrics.alternateServesTraffic,
    Dimensions: [{ Name: metricDimension, Value: topology.namePrefix }],
    Value: to === "alternate" ? 1 : 0,
    Timestamp: new Date(),
  };
  const put = (Namespace: string): Promise<unknown> =>
    client.send(new PutMetricDataCommand({ Namespace, MetricData: [datum] }), {
      abortSignal: AbortSignal.timeout(10_000),
    });
  try {
    await Promise.all(namespaces.map(put));
  } finally {
    client.destroy();
  }
}

/** Seconds between two values: several in each period of the alarm. */
const republishSeconds = 20;

export interface Republished {
  /** Publishes the value once. */
  publish: () => Promise<void>;
  /** Why a value could not be published; the next one follows anyway. */
  failed: (error: unknown) => void;
  /** @default 20 */
  intervalSeconds?: number;
}

/**
 * Runs the work and publishes the switch's value until it ends. One value is not enough: for how long Route 53 keeps the
 * last state is not documented. Afterwards the site's traffic-watch continues.
 */
export async function whilePublishing<T>(
  { publish, failed, intervalSeconds = republishSeconds }: Republished,
  work: () => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const publishing = (async () => {
    for (;;) {
      await delay(intervalSeconds * 1000, undefined, { signal: stop.signal });
      await publish().catch(failed);
    }
  })().catch(() => undefined);
  try {
    return await work();
  } finally {
    stop.abort();
    await publishing;
  }
}
