/**
 * Promotes the standby database: applies everything that is left in the bucket, and allows traffic only once access
 * keys are real, sequences are advanced and all other writers are fenced. The result lists what is left behind; too
 * much loss is refused before anything is changed.
 */
import { redefineAccesses } from "../database/accesses.ts";
import { readDefinitions } from "../database/definitions.ts";
import { advanceSequences, sequenceReserve } from "../database/sequences.ts";
import { readState, writeState, type SiteState } from "../database/state.ts";
import { countRows } from "../export/full.ts";
import type { VersionedWriter } from "../points/writer.ts";
import { JobFailure, messageOf, timed, skipped, succeeded, type Result } from "../result.ts";
import type { Refusal } from "../points/point.ts";
import { readAccessKeys } from "../secrets.ts";
import { claim, resumeReady, readOwnWriter, settleReady } from "./claim.ts";
import { dropUnfinished, markUsed, type Generation } from "./generations.ts";
import { findUnappliedPoints } from "./unapplied-points.ts";
import { lossOf, whyLossTooHigh } from "./loss.ts";
import type { StandbyContext } from "./standby-context.ts";

export async function promote(standby: StandbyContext): Promise<Result> {
  const { server, settings, store } = standby;
  const state = await readState(server);
  if (!state) throw new Error("the database has no site state; run prepare-database first");
  const seen = await readOwnWriter(store);
  const settled = await settle(standby, state, seen);
  if (settled) {
    const { database, recoveryPoint, snapshotAt } = state;
    return skipped("this site is already promoted", { database, recoveryPoint, snapshotAt, ...settled });
  }
  if (settings.PROMOTE_MODE === "adopt") {
    throw new JobFailure("this site's database is not the writer's; promote it with `continuity failover`");
  }
  return restoreAndClaim(standby, state, seen);
}

/** Handles cases without a restore; undefined: the database must be restored, or has never been in use. */
async function settle(
  { server, settings, store }: StandbyContext,
  state: SiteState,
  seen: VersionedWriter | undefined,
) {
  const place = { server, store, site: settings.SITE };
  if (state.ready)
    return settleReady({ ...place, mode: settings.PROMOTE_MODE === "adopt" ? "adopt" : "promote" }, state, seen);
  const mayResume = settings.PROMOTE_MODE === "adopt" && settings.SITE_ROLE === "active";
  return mayResume ? resumeReady(place, state, seen) : undefined;
}

async function restoreAndClaim(
  standby: StandbyContext,
  state: SiteState,
  seen: VersionedWriter | undefined,
): Promise<Result> {
  const { server, settings, store } = standby;
  const startedAt = Date.now();
  const seconds: Record<string, number> = {};
  const step = <T>(name: string, work: () => Promise<T>): Promise<T> => timed(seconds, name, work);
  if (state.ready) await demote(standby, state, seen);
  const catchUp = await step("catchUp", () => catchUpInTime(standby));
  const { current, lost } = await step("compare", () => compare(standby, catchUp, { seen, startedAt }));
  const { name: database, slot: recoveryPoint, snapshotAt } = current;
  await writeState(server, { ready: false, reason: "promotion under way" });
  const { tables, sequences } = await prepare(standby, current, step);
  const epochs = [state.epoch, current.epoch, lost.leftBehind.epoch];
  const { epoch, since } = await step("fence", () => claim(store, { site: settings.SITE, epochs, seen }));
  const reason = `promoted at ${new Date().toISOString()}`;
  await step("ready", () => writeState(server, { database, ready: true, reason, recoveryPoint, snapshotAt, epoch }));
  return succeeded({ recoveryPoint, snapshotAt, database, epoch, since, ...lost, catchUp, tables, sequences, seconds });
}

/** Demotes a database that is in use although another site has written since: its writes after that are invalid. */
async function demote(
  { server, context }: StandbyContext,
  state: SiteState,
  seen: VersionedWriter | undefined,
): Promise<void> {
  const { site = "another site", since = "an unknown time", epoch = 0 } = seen?.writer ?? {};
  const reason = `superseded: ${site} has been the writer since ${since} (epoch ${epoch})`;
  context.log(`demoting the database, ${reason}`);
  await markUsed(server, state.database);
  await writeState(server, { ready: false, reason });
}

interface CatchUp {
  /** Slots applied by the catch-up. */
  verified: string[];
  /** Why the catch-up ended before the newest recovery point. */
  problems: string[];
  /** Skipped, incomplete, and suspicious recovery points awaiting a decision. */
  refused: Refusal[];
  waiting: Refusal[];
  suspicious: string[];
}

type Step = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/**
 * Determines the generation to promote and the loss; throws, before anything is changed, if the loss is not accepted.
 */
async function compare(
  { follower, store, settings }: StandbyContext,
  catchUp: CatchUp,
  { seen, startedAt }: { seen: VersionedWriter | undefined; startedAt: number },
) {
  const current = await follower.current();
  if (!current) throw new JobFailure("no verified recovery point to promote", { catchUp });
  const steppedOver = [...catchUp.refused, ...catchUp.waiting].map(({ key, reason }) => `${key}: ${reason}`);
  const problems = [...catchUp.problems, ...steppedOver];
  const leftBehind = await findUnappliedPoints(store, current, { writer: seen?.writer, problems });
  const limits = { acceptedSeconds: settings.ACCEPTED_LOSS_SECONDS, now: startedAt };
  const lost = { loss: lossOf(current, leftBehind, limits), leftBehind };
  const tooMuch = whyLossTooHigh(current, lost.loss, startedAt);
  if (tooMuch === undefined) return { current, lost };
  throw new JobFailure(tooMuch, { recoveryPoint: current.slot, snapshotAt: current.snapshotAt, ...lost, catchUp });
}

/** Prerequisites of traffic. Sequences and keys were already set after the import, but the current values count. */
async function prepare({ server, settings, context }: StandbyContext, current: Generation, step: Step) {
  const target = server.other(current.name);
  const keys = await step("keys", () => readAccessKeys(settings, context.signal));
  await step("accesses", () => redefineAccesses(target, keys));
  const sequences = await step("sequences", () =>
    advanceSequences(target, current.sequences, sequenceReserve(settings, current.snapshotAt)),
  );
  const tables = await step("count", async () => countRows(target, await readDefinitions(target)));
  return { tables, sequences };
}

/** Applies everything in the bucket; on failure the newest verified recovery point is promoted. */
async function catchUpInTime({ follower, stopFollowing, server, settings, context }: StandbyContext): Promise<CatchUp> {
  const problems: string[] = [];
  const late = () => stopFollowing(new Error(`catch-up timed out after ${settings.PROMOTE_TIMEOUT_SECONDS} s`));
  const clock = setTimeout(late, settings.PROMOTE_TIMEOUT_SECONDS * 1000);
  try {
    await dropUnfinished(server);
    while (await follower.follow());
  } catch (error) {
    context.signal.throwIfAborted();
    problems.push(messageOf(error));
    context.log(`catch-up failed: ${messageOf(error)}`);
  } finally {
    clearTimeout(clock);
  }
  return { verified: follower.verified, problems, ...follower.findings };
}
