/** The standby-sync job: follows the bucket's recovery points, once or until stopped. */
import { openServer } from "../database/open-server.ts";
import { setTimeout as sleep } from "node:timers/promises";
import { readState, writeState, type SiteState } from "../database/state.ts";
import { S3PointStore } from "../points/s3-store.ts";
import type { PointStore } from "../points/store.ts";
import { standingOf } from "../points/writer.ts";
import { JobFailure, messageOf, skipped, succeeded, type JobContext, type Result } from "../result.ts";
import { readAccessKeys } from "../secrets.ts";
import { Follower, FollowerState } from "./follower.ts";
import { dropUnfinished, markUsed } from "./generations.ts";
import { takeLease } from "./lease.ts";
import { promote } from "./promote.ts";
import { reportState } from "./report.ts";
import type { SyncSettings, StandbyContext } from "./standby-context.ts";

export interface SyncFlags {
  once: boolean;
  promote: boolean;
}

export async function runStandbySync(settings: SyncSettings, flags: SyncFlags, context: JobContext): Promise<Result> {
  const followerState = new FollowerState();
  const leased = <T>(work: (standby: StandbyContext) => Promise<T>) =>
    withLease(settings, flags, { context, followerState }, work);
  if (flags.promote && settings.PROMOTE_MODE === "report") return reportState(settings, context);
  if (flags.promote) return leased(promote);
  if (flags.once) return leased(followOnce);
  let points = 0;
  while (!context.signal.aborted) {
    followerState.inProgress = undefined;
    try {
      const { outcome, details } = await leased(followOnce);
      points += outcome === "succeeded" ? (details["verified"] as string[]).length : 0;
    } catch (error) {
      if (!context.signal.aborted) context.log(messageOf(error));
      else if (followerState.inProgress)
        throw new JobFailure(messageOf(error), { unfinished: followerState.inProgress });
    }
    await sleep(settings.STANDBY_POLL_SECONDS * 1000, undefined, { signal: context.signal }).catch(() => undefined);
  }
  return succeeded({ verifiedPoints: points });
}

/** Advances to the newest recovery point, unless this site serves traffic. */
async function followOnce(standby: StandbyContext): Promise<Result> {
  const { follower, server, context } = standby;
  const state = await readState(server);
  if (!state) throw new Error("the database has no site state; run prepare-database first");
  if (state.ready && !(await demote(standby, state))) return skipped("this site's database serves traffic");
  const dropped = await dropUnfinished(server);
  if (dropped.length > 0) context.log(`dropped unfinished generations of an earlier run: ${dropped.join(", ")}`);
  await follower.follow();
  const current = await follower.current();
  const { name, slot, snapshotAt } = current ?? {};
  const reached = { verified: follower.verified, database: name, recoveryPoint: slot, snapshotAt };
  return succeeded({ ...reached, ...follower.findings });
}

/** Demotes a former writer when the bucket's record says that another site took over. */
async function demote({ server, store, settings }: StandbyContext, state: SiteState): Promise<boolean> {
  const writer = await store.writer();
  if (!writer || standingOf(writer, settings.SITE, state.epoch) !== "superseded") return false;
  const reason = `site ${writer.site} has been the writer since ${writer.since}`;
  // First, so that the run after a killed one finds the state unchanged and repeats both.
  await markUsed(server, state.database);
  await writeState(server, { ready: false, reason });
  return true;
}

/** Runs work on the standby database under the lease. */
async function withLease<T>(
  settings: SyncSettings,
  flags: SyncFlags,
  { context, followerState }: { context: JobContext; followerState: FollowerState },
  work: (standby: StandbyContext) => Promise<T>,
): Promise<T> {
  const waitSeconds = flags.promote ? settings.PROMOTE_TIMEOUT_SECONDS : settings.LEASE_SECONDS * 2;
  const times = { leaseSeconds: settings.LEASE_SECONDS, waitSeconds, urgent: flags.promote };
  const lease = await takeLease(openServer(settings.DATABASE_URL, settings, context), times, context);
  if (!lease) throw new Error("another run holds the lease on the standby database");
  const held: JobContext = { ...context, signal: lease.signal };
  const following = new AbortController();
  const stores: PointStore[] = [];
  const open = (bucket: string, region: string, signal: AbortSignal): PointStore => {
    const store = new S3PointStore({ bucket, region, signal, timeoutSeconds: settings.AWS_TIMEOUT_SECONDS });
    stores.push(store);
    return store;
  };
  try {
    return await work({
      follower: makeFollower(
        settings,
        { ...held, signal: AbortSignal.any([held.signal, following.signal]) },
        followerState,
        open,
      ),
      stopFollowing: (reason) => following.abort(reason),
      server: openServer(settings.DATABASE_URL, settings, held),
      store: open(settings.BUCKET, settings.BUCKET_REGION, held.signal),
      settings,
      context: held,
    });
  } catch (error) {
    throw lease.signal.aborted ? (lease.signal.reason as Error) : error;
  } finally {
    await lease.release();
    await Promise.all(stores.map((store) => store.close()));
  }
}

function makeFollower(
  settings: SyncSettings,
  context: JobContext,
  followerState: FollowerState,
  open: (bucket: string, region: string, signal: AbortSignal) => PointStore,
): Follower {
  return new Follower({
    server: openServer(settings.DATABASE_URL, settings, context),
    store: open(settings.BUCKET, settings.BUCKET_REGION, context.signal),
    evidence: open(settings.EVIDENCE_BUCKET, settings.EVIDENCE_BUCKET_REGION, context.signal),
    keys: () => readAccessKeys(settings, context.signal),
    settings,
    context,
    followerState,
  });
}
