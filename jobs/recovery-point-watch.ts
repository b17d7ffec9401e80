/**
 * Publishes the age of the newest recovery point verified by the standby. Publishes nothing if there is none; the alarm
 * treats missing data as breaching.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { metrics, otherSite, writingSite } from "../contract/index.ts";
import { publish } from "./metrics.ts";
import { OverdueWatch } from "./overdue/index.ts";
import { S3PointStore } from "./points/s3-store.ts";
import type { PointStore } from "./points/store.ts";
import { JobFailure, messageOf, succeeded, type Details, type JobContext, type Result } from "./result.ts";
import type { Settings } from "./settings.ts";
import { newestVerified } from "./verified-points.ts";

type WatchSettings = Settings<"recovery-point-watch">;

export async function runWatch(settings: WatchSettings, once: boolean, context: JobContext): Promise<Result> {
  const store = new S3PointStore({
    bucket: settings.EVIDENCE_BUCKET,
    region: settings.EVIDENCE_BUCKET_REGION,
    timeoutSeconds: settings.AWS_TIMEOUT_SECONDS,
    signal: context.signal,
  });
  const overdue = new OverdueWatch(store, settings);
  try {
    if (once) {
      const late = await overdue.check(context);
      return succeeded({ ...(await publishAge(store, settings, context)), overdue: late });
    }
    let looks = 0;
    while (!context.signal.aborted) {
      await Promise.all([
        publishAge(store, settings, context).catch((error: unknown) => context.log(messageOf(error))),
        overdue.check(context),
      ]);
      looks++;
      await sleep(settings.WATCH_INTERVAL_SECONDS * 1000, undefined, { signal: context.signal }).catch(() => undefined);
    }
    return succeeded({ looks });
  } finally {
    await store.close();
  }
}

async function publishAge(store: PointStore, settings: WatchSettings, context: JobContext): Promise<Details> {
  // The site that does not write has the standby; on an active site its evidence arrives by replication. An isolated
  // site imports nothing, so its age grows or is unknown, which is correct: it could not take over.
  const standby = otherSite(writingSite(settings.SITE, settings.SITE_ROLE));
  const { newest, refused } = await newestVerified(store, standby);
  for (const { key, reason } of refused) context.log(`ignored ${key}: ${reason}`);
  const refusals = { refused: refused.map(({ key, reason }) => `${key}: ${reason}`) };
  await publish(settings, metrics.refusedRecoveryPoints, refused.length, "Count", context);
  if (!newest) {
    const why = `the ${standby} site's standby has no verified recovery point in ${settings.EVIDENCE_BUCKET}`;
    throw new JobFailure(`${why}; no age is published`, refusals);
  }
  const { slot, kind, snapshotAt, ageSeconds } = newest;
  const published = await publish(settings, metrics.verifiedRecoveryPointAge, ageSeconds, "Seconds", context);
  const details = { slot, kind, snapshotAt, ageSeconds, ...refusals };
  if (!published) throw new JobFailure("cannot publish the age", details);
  context.log(`newest verified recovery point: ${slot}, age ${Math.round(ageSeconds)} s`);
  return details;
}
