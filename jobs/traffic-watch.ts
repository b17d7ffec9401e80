/**
 * Keeps the traffic switch where it is: publishes its value every minute while this site is the writer and the switch
 * already points here. Never moves it, and publishes nothing if either is unknown: missing values change no state.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { metrics, switchMetricNamespace, writerGuardAgent, type SiteName } from "../contract/index.ts";
import { publish } from "./metrics.ts";
import { newestRecord } from "./points/epochs.ts";
import { S3PointStore } from "./points/s3-store.ts";
import type { PointStore } from "./points/store.ts";
import { readRecord, type GuardedBucket, type Reading } from "./read-record.ts";
import { messageOf, succeeded, type Details, type JobContext, type Result } from "./result.ts";
import type { Settings } from "./settings.ts";
import { inTime } from "./wire/in-time.ts";

type WatchSettings = Settings<"traffic-watch">;

/** Where public traffic goes according to the switch's alarm; undefined: unknown. */
export type SwitchPosition = SiteName | undefined;

export type Decision = { publish: 0 | 1 } | { reason: string };

/** Whether this site publishes its value, or why it does not. */
export function decide(site: SiteName, readings: readonly Reading[], position: SwitchPosition): Decision {
  // The own record may be stale after a failover, the other one is then unreachable or newer; an unreadable own record
  // leaves open who writes.
  const [own] = readings;
  if (own === undefined || !("writer" in own)) {
    return { reason: `the writer record of ${own?.bucket ?? "this region"} cannot be read` };
  }
  const newest = newestRecord(readings.map((reading) => ("writer" in reading ? reading.writer : undefined)));
  // Without any record the primary writes: the first promotion makes one.
  const writer = newest?.site ?? "primary";
  if (writer !== site) return { reason: `the ${writer} site is the writer (epoch ${newest?.epoch ?? 0})` };
  if (position === undefined) return { reason: "the position of the traffic switch is unknown" };
  if (position !== site) {
    return { reason: `traffic goes to the ${position} site although this site is the writer: finish the failover` };
  }
  return { publish: site === "alternate" ? 1 : 0 };
}

/** An alarm in ALARM sends traffic to the alternate site; one that never had a value leaves it at the primary. */
export const positionOf = (alarmState: string | undefined): SwitchPosition => {
  if (alarmState === undefined) return undefined;
  return alarmState === "ALARM" ? "alternate" : "primary";
};

async function readPosition(settings: WatchSettings, context: JobContext): Promise<SwitchPosition> {
  const { CloudWatchClient, DescribeAlarmsCommand } = await import("@aws-sdk/client-cloudwatch");
  const limit = settings.AWS_TIMEOUT_SECONDS * 1000;
  const requestHandler = { connectionTimeout: limit, requestTimeout: limit, throwOnRequestTimeout: true };
  const client = new CloudWatchClient({ region: settings.SWITCH_REGION, maxAttempts: 2, requestHandler });
  try {
    const command = new DescribeAlarmsCommand({ AlarmNames: [settings.SWITCH_ALARM] });
    const limits = { seconds: settings.AWS_TIMEOUT_SECONDS, signal: context.signal };
    const { MetricAlarms = [] } = await inTime("read the traffic switch", limits, (abortSignal) =>
      client.send(command, { abortSignal }),
    );
    return positionOf(MetricAlarms[0]?.StateValue);
  } catch (error) {
    context.log(messageOf(error));
    return undefined;
  } finally {
    client.destroy();
  }
}

/** One check; publishes if it is this site's to do. */
export async function watchOnce(
  settings: WatchSettings,
  stores: readonly GuardedBucket[],
  context: JobContext,
): Promise<Details> {
  const [position, ...readings] = await Promise.all([readPosition(settings, context), ...stores.map(readRecord)]);
  const decision = decide(settings.SITE, readings, position);
  if ("reason" in decision) return { published: undefined, reason: decision.reason };
  // The switch is in the alternate region, whichever site publishes.
  const inSwitch = { ...settings, AWS_REGION: settings.SWITCH_REGION, namespace: switchMetricNamespace };
  const done = await publish(inSwitch, metrics.alternateServesTraffic, decision.publish, "None", context);
  return done ? { published: decision.publish } : { published: undefined, reason: "CloudWatch did not take the value" };
}

export async function runTrafficWatch(settings: WatchSettings, once: boolean, context: JobContext): Promise<Result> {
  const limit = { timeoutSeconds: settings.AWS_TIMEOUT_SECONDS, signal: context.signal, userAgent: writerGuardAgent };
  const open = (bucket: string, region: string): PointStore => new S3PointStore({ bucket, region, ...limit });
  const stores = [
    open(settings.BUCKET, settings.BUCKET_REGION),
    open(settings.OTHER_BUCKET, settings.OTHER_BUCKET_REGION),
  ];
  try {
    if (once) return succeeded(await watchOnce(settings, stores, context));
    let looks = 0;
    let last: string | undefined;
    while (!context.signal.aborted) {
      const began = performance.now();
      const seen = await watchOnce(settings, stores, context).catch((error: unknown) => ({ reason: messageOf(error) }));
      const line = "reason" in seen && seen.reason !== undefined ? String(seen.reason) : "traffic stays at this site";
      if (line !== last) context.log(line);
      last = line;
      looks++;
      // The pause is what is left of the interval: a slow region must not leave a period without a value.
      const pause = Math.max(0, settings.SWITCH_INTERVAL_SECONDS * 1000 - (performance.now() - began));
      await sleep(pause, undefined, { signal: context.signal }).catch(() => undefined);
    }
    return succeeded({ looks });
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
}
