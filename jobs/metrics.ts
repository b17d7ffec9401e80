/** Publishes one metric. A failed publication never fails the work that it reports. */
import { metricDimension, metricNamespace } from "../contract/index.ts";
import { inTime } from "./wire/in-time.ts";
import { messageOf, type JobContext } from "./result.ts";

export interface MetricSettings {
  /** CloudWatch namespace. @default the project's own */
  namespace?: string;
  AWS_REGION: string;
  APPLICATION: string;
  AWS_TIMEOUT_SECONDS: number;
}

/** Returns whether the metric was published. Alarms treat missing data as breaching. */
export async function publish(
  settings: MetricSettings,
  name: string,
  value: number,
  unit: "Count" | "Seconds" | "None",
  context: JobContext,
): Promise<boolean> {
  const { CloudWatchClient, PutMetricDataCommand } = await import("@aws-sdk/client-cloudwatch");
  const limit = settings.AWS_TIMEOUT_SECONDS * 1000;
  const requestHandler = { connectionTimeout: limit, requestTimeout: limit, throwOnRequestTimeout: true };
  const client = new CloudWatchClient({ region: settings.AWS_REGION, maxAttempts: 2, requestHandler });
  const Dimensions = [{ Name: metricDimension, Value: settings.APPLICATION }];
  const datum = { MetricName: name, Dimensions, Value: value, Unit: unit, Timestamp: new Date() };
  try {
    const command = new PutMetricDataCommand({ Namespace: settings.namespace ?? metricNamespace, MetricData: [datum] });
    const limits = { seconds: settings.AWS_TIMEOUT_SECONDS, signal: context.signal };
    await inTime(name, limits, (abortSignal) => client.send(command, { abortSignal }));
    return true;
  } catch (error) {
    context.log(`metric ${name} was not published: ${messageOf(error)}`);
    return false;
  } finally {
    client.destroy();
  }
}
