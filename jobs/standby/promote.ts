/**
 * Makes the standby database the one in use: catches up with everything that
 * the bucket still holds, and lets traffic in only when keys are real,
 * sequences are ahead and every other writer is fenced off. What it leaves
 * behind is in its result, and too much of it is refused before anything is changed.
 */
import { redefineAccesses } from "../database/accesses.ts";
import { readDefinitions } from "../database/definitions.ts";
import { advanceSequences, sequenceReserve } from "../database/sequences.ts";
import { readState, writeState, type SiteState } from "../database/state.ts";
import { countRows } from "../export/full.ts";
import type { SeenWriter } from "../points/writer.ts";
import { JobFailure, messageOf, timed, skipped, succeeded, type Result } from "../result.ts";
import type { Refusal } from "../points/point.ts";
import { readAccessKeys } from "../secrets.ts";
import { claim, resumeReady, seeWriter, settleReady } from "./claim.ts";
import { dropUnfinished, markUsed, type Generation } from "./generations.ts";
import { findLeftBehind } from "./left-behind.ts";
import { lossOf, whyTooMuch } from "./loss.ts";
import type { Turn } from "./turn.ts";

export async function promote(turn: Turn): Promise<Result> {
  const { server, settings, store } = turn;
  const state = await readState(server);
  if (!state) throw new Error("the database has no site state; run prepare-database first");
  const seen = await seeWriter(store);
  const settled = await settle(turn, state, seen);
  if (settled) {
    const { database, recoveryPoint, snapshotAt } = state;
    return skipped("this site is promoted already", { database, recoveryPoint, snapshotAt, ...settled });
  }
  if (settings.PROMOTE_MODE === "adopt") {
    throw new JobFailure("this site's database is not the writer's: it is promoted by `continuity failover` only");
  }
  return restoreAndClaim(turn, state, seen);
}

/** What needs no restore; undefined: the database has to be restored, or has never been in use. */
async function settle({ server, settings, store }: Turn, state: SiteState, seen: SeenWriter | undefined) {
  const place = { server, store, site: settings.SITE };
  if (state.ready)
    return settleReady({ ...place, mode: settings.PROMOTE_MODE === "adopt" ? "adopt" : "promote" }, state, seen);
  const mayResume = settings.PROMOTE_MODE === "adopt" && settings.SITE_ROLE === "active";
  return mayResume ? resumeReady(place, state, seen) : undefined;
}

async function restoreAndClaim(turn: Turn, state: SiteState, seen: SeenWriter | undefined): Promise<Result> {
  const { server, settings, store } = turn;
  const startedAt = Date.now();
  const seconds: Record<string, number> = {};
  const step = <T>(name: string, work: () => Promise<T>): Promise<T> => timed(seconds, name, work);
  if (state.ready) await stepDown(turn, state, seen);
  const catchUp = await step("catchUp", () => catchUpInTime(turn));
  const { current, lost } = await step("compare", () => compare(turn, catchUp, { seen, startedAt }));
  const { name: database, slot: recoveryPoint, snapshotAt } = current;
  await writeState(server, { ready: false, reason: "promotion under way" });
  const { tables, sequences } = await prepare(turn, current, step);
  const epochs = [state.epoch, current.epoch, lost.leftBehind.epoch];
  const { epoch, since } = await step("fence", () => claim(store, { site: settings.SITE, epochs, seen }));
  const reason = `promoted at ${new Date().toISOString()}`;
  await step("ready", () => writeState(server, { database, ready: true, reason, recoveryPoint, snapshotAt, epoch }));
  return succeeded({ recoveryPoint, snapshotAt, database, epoch, since, ...lost, catchUp, tables, sequences, seconds });
}

/** A database that is in use although another site has written since: nothing that it took then counts. */
async function stepDown({ server, context }: Turn, state: SiteState, seen: SeenWriter | undefined): Promise<void> {
  const { site = "another site", since = "some time", epoch = 0 } = seen?.writer ?? {};
  const reason = `superseded: ${site} has been the writer since ${since} (epoch ${epoch})`;
  context.log(`the database steps down, ${reason}`);
  await markUsed(server, state.database);
  await writeState(server, { ready: false, reason });
}

interface CatchUp {
  /** Points that were still to be applied. */
  verified: string[];
  /** Why it ended before the newest point. */
  problems: string[];
  /** What was stepped over, what had not arrived completely, and which suspicious points nobody has decided about. */
  refused: Refusal[];
  waiting: Refusal[];
  suspicious: string[];
}

type Step = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/** The generation to promote and what is lost with it; throws, before anything is changed, when that is too much. */
async function compare(
  { follower, store, settings }: Turn,
  catchUp: CatchUp,
  { seen, startedAt }: { seen: SeenWriter | undefined; startedAt: number },
) {
  const current = await follower.current();
  if (!current) throw new JobFailure("no verified recovery point to promote", { catchUp });
  const steppedOver = [...catchUp.refused, ...catchUp.waiting].map(({ key, reason }) => `${key}: ${reason}`);
  const problems = [...catchUp.problems, ...steppedOver];
  const leftBehind = await findLeftBehind(store, current, { writer: seen?.writer, problems });
  const limits = { acceptedSeconds: settings.ACCEPTED_LOSS_SECONDS, now: startedAt };
  const lost = { loss: lossOf(current, leftBehind, limits), leftBehind };
  const tooMuch = whyTooMuch(current, lost.loss, startedAt);
  if (tooMuch === undefined) return { current, lost };
  throw new JobFailure(tooMuch, { recoveryPoint: current.slot, snapshotAt: current.snapshotAt, ...lost, catchUp });
}

/** What must be true before traffic. Sequences and keys were set after the import already; the newest values count. */
async function prepare({ server, settings, context }: Turn, current: Generation, step: Step) {
  const target = server.other(current.name);
  const keys = await step("keys", () => readAccessKeys(settings, context.signal));
  await step("accesses", () => redefineAccesses(target, keys));
  const sequences = await step("sequences", () =>
    advanceSequences(target, current.sequences, sequenceReserve(settings, current.snapshotAt)),
  );
  const tables = await step("count", async () => countRows(target, await readDefinitions(target)));
  return { tables, sequences };
}

/** Applies all that is in the bucket; whatever stops it, the newest verified point stands. */
async function catchUpInTime({ follower, stopFollowing, server, settings, context }: Turn): Promise<CatchUp> {
  const problems: string[] = [];
  const late = () => stopFollowing(new Error(`not caught up within ${settings.PROMOTE_TIMEOUT_SECONDS} s`));
  const clock = setTimeout(late, settings.PROMOTE_TIMEOUT_SECONDS * 1000);
  try {
    await dropUnfinished(server);
    while (await follower.follow());
  } catch (error) {
    context.signal.throwIfAborted();
    problems.push(messageOf(error));
    context.log(`catching up ended: ${messageOf(error)}`);
  } finally {
    clearTimeout(clock);
  }
  return { verified: follower.verified, problems, ...follower.findings };
}
