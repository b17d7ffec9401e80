/** Evaluates an alarm from its configuration and metric data in its region, as Route 53's health checkers do. */
import { CloudWatchClient, DescribeAlarmsCommand, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import type { MetricAlarm, Statistic } from "@aws-sdk/client-cloudwatch";
import { alarmState } from "./alarm.ts";
import type { Alarm, AlarmState, Comparison } from "./alarm.ts";
import type { AlarmCheck } from "./records.ts";

/** Part of the user agent of every call that the health checkers make. */
export const healthCheckerAgent = "local-route53-health-checker";

/** Route 53 caches an alarm's configuration. */
const settingsAgeMilliseconds = 5_000;

export interface AlarmReaderOptions {
  endpoint: (region: string) => string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}

interface Known {
  settings: MetricAlarm | undefined;
  readAt: number;
}

export class AlarmReader {
  readonly #options: AlarmReaderOptions;
  readonly #clients = new Map<string, CloudWatchClient>();
  readonly #known = new Map<string, Known>();
  readonly #states = new Map<string, AlarmState>();

  constructor(options: AlarmReaderOptions) {
    this.#options = options;
  }

  /** INSUFFICIENT_DATA if the alarm does not exist or its region is unreachable. */
  async state(check: AlarmCheck): Promise<AlarmState> {
    try {
      const state = await this.#evaluate(check);
      this.#states.set(check.id, state);
      return state;
    } catch {
      return "INSUFFICIENT_DATA";
    }
  }

  close(): void {
    for (const client of this.#clients.values()) client.destroy();
  }

  async #evaluate(check: AlarmCheck): Promise<AlarmState> {
    const settings = await this.#settings(check);
    const alarm = settings && readAlarm(settings);
    if (!alarm) return "INSUFFICIENT_DATA";
    const nowSeconds = Date.now() / 1000;
    const { periodSeconds, evaluationPeriods } = alarm;
    const running = Math.floor(nowSeconds / periodSeconds) * periodSeconds;
    const statistic = settings.Statistic as Statistic;
    const { Datapoints = [] } = await this.#client(check.region).send(
      new GetMetricStatisticsCommand({
        Namespace: settings.Namespace,
        MetricName: settings.MetricName,
        Dimensions: settings.Dimensions,
        StartTime: new Date((running - evaluationPeriods * periodSeconds) * 1000),
        EndTime: new Date((running + periodSeconds) * 1000),
        Period: periodSeconds,
        Statistics: [statistic],
      }),
    );
    const values = new Map(
      Datapoints.map((point) => [(point.Timestamp?.getTime() ?? 0) / 1000, point[statistic] ?? NaN] as const),
    );
    return alarmState(alarm, values, nowSeconds, this.#states.get(check.id) ?? "INSUFFICIENT_DATA");
  }

  async #settings({ alarm, region }: AlarmCheck): Promise<MetricAlarm | undefined> {
    const place = `${region}/${alarm}`;
    const known = this.#known.get(place);
    if (known?.settings && Date.now() - known.readAt < settingsAgeMilliseconds) return known.settings;
    const { MetricAlarms = [] } = await this.#client(region).send(new DescribeAlarmsCommand({ AlarmNames: [alarm] }));
    const settings = MetricAlarms.find(({ AlarmName }) => AlarmName === alarm);
    this.#known.set(place, { settings, readAt: Date.now() });
    return settings;
  }

  #client(region: string): CloudWatchClient {
    const known = this.#clients.get(region);
    if (known) return known;
    const client = new CloudWatchClient({
      region,
      endpoint: this.#options.endpoint(region),
      credentials: this.#options.credentials,
      customUserAgent: [[healthCheckerAgent, "1"]],
      maxAttempts: 1,
      requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000 },
    });
    this.#clients.set(region, client);
    return client;
  }
}

/** Route 53 does not support alarms on percentiles or metric math, which have no statistic. */
function readAlarm(settings: MetricAlarm): Alarm | undefined {
  const { Statistic: statistic, Period, EvaluationPeriods = 1, Threshold, ComparisonOperator } = settings;
  if (statistic === undefined || Period === undefined || Threshold === undefined) return undefined;
  return {
    periodSeconds: Period,
    evaluationPeriods: EvaluationPeriods,
    datapointsToAlarm: settings.DatapointsToAlarm ?? EvaluationPeriods,
    threshold: Threshold,
    comparison: ComparisonOperator as Comparison,
    treatMissingData: (settings.TreatMissingData as Alarm["treatMissingData"] | undefined) ?? "missing",
  };
}
