/** Publishes S3 replication metrics in the region of the source bucket, for rules with metrics enabled. */
import { PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import type { CloudWatchClient, MetricDatum } from "@aws-sdk/client-cloudwatch";
import type { Rule } from "./replication-rules.ts";

/** Interval for batching the data of many copies into one request. */
const gatherMilliseconds = 500;

export class ReplicationMetrics {
  readonly #clientFor: (bucket: string) => CloudWatchClient;
  readonly #gathered = new Map<string, MetricDatum[]>();
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<unknown> = Promise.resolve();

  constructor(clientFor: (bucket: string) => CloudWatchClient) {
    this.#clientFor = clientFor;
  }

  completed(bucket: string, rule: Rule, latencySeconds: number, pending: number): void {
    this.#add(bucket, rule, "ReplicationLatency", latencySeconds, "Seconds");
    this.#add(bucket, rule, "OperationsPendingReplication", pending, "Count");
    this.#add(bucket, rule, "OperationsFailedReplication", 0, "Count");
  }

  failed(bucket: string, rule: Rule): void {
    this.#add(bucket, rule, "OperationsFailedReplication", 1, "Count");
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#gathered.clear();
    await this.#sending;
  }

  #add(bucket: string, rule: Rule, MetricName: string, Value: number, Unit: "Seconds" | "Count"): void {
    const dimensions = { SourceBucket: bucket, DestinationBucket: rule.destination, RuleId: rule.id };
    const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
    const data = this.#gathered.get(bucket) ?? [];
    data.push({ MetricName, Dimensions, Value, Unit, Timestamp: new Date() });
    this.#gathered.set(bucket, data);
    this.#timer ??= setTimeout(() => this.#send(), gatherMilliseconds).unref();
  }

  /** Metrics for an unreachable region are lost, as in AWS. */
  #send(): void {
    this.#timer = undefined;
    const sent = [...this.#gathered].map(async ([bucket, MetricData]) => {
      const command = new PutMetricDataCommand({ Namespace: "AWS/S3", MetricData });
      await this.#clientFor(bucket).send(command);
    });
    this.#gathered.clear();
    this.#sending = Promise.allSettled(sent);
  }
}
