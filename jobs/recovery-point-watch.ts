/**
 * Publishes how old the newest recovery point is that was really restored and
 * verified. Finds it nothing, it publishes nothing: missing data is an alarm.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { metrics } from "../plan/names.ts";
import { newestVerified } from "./evidence.ts";
import { publish } from "./metrics.ts";
import { PointStore } from "./points/store.ts";
import { JobFailure, messageOf, succeeded, type Details, type JobContext, type Result } from "./result.ts";
import type { Settings } from "./settings.ts";

type WatchSettings = Settings<"recovery-point-watch">;

export async function runWatch(settings: WatchSettings, once: boolean, context: JobContext): Promise<Result> {
  const store = new PointStore({
    bucket: settings.EVIDENCE_BUCKET,
    region: settings.EVIDENCE_BUCKET_REGION,
    timeoutSeconds: settings.AWS_TIMEOUT_SECONDS,
    signal: context.signal,
  });
  try {
    if (once) return succeeded(await look(store, settings, context));
    let looks = 0;
    while (!context.signal.aborted) {
      await look(store, settings, context).catch((error: unknown) => context.log(messageOf(error)));
      looks++;
      await sleep(settings.WATCH_INTERVAL_SECONDS * 1000, undefined, { signal: context.signal }).catch(() => undefined);
    }
    return succeeded({ looks });
  } finally {
    await store.close();
  }
}

async function look(store: PointStore, settings: WatchSettings, context: JobContext): Promise<Details> {
  const newest = await newestVerified(store);
  if (!newest) throw new JobFailure(`no verified recovery point in ${settings.EVIDENCE_BUCKET}; no age is published`);
  const ageSeconds = Math.max(0, (Date.now() - Date.parse(newest.snapshotAt)) / 1000);
  const published = await publish(settings, metrics.verifiedRecoveryPointAge, ageSeconds, "Seconds", context);
  const details = { slot: newest.slot, kind: newest.kind, snapshotAt: newest.snapshotAt, ageSeconds };
  if (!published) throw new JobFailure("the age could not be published", details);
  context.log(`newest verified recovery point is ${newest.slot}, ${Math.round(ageSeconds)} s old`);
  return details;
}
