/**
 * Makes the standby database the one in use: catches up with everything that
 * the bucket still holds, and lets traffic in only when keys are real,
 * sequences are ahead and every other writer is fenced off.
 */
import { bucketKeys } from "../../plan/names.ts";
import { redefineAccesses } from "../database/accesses.ts";
import { readDefinitions } from "../database/definitions.ts";
import { advanceSequences, sequenceReserve } from "../database/sequences.ts";
import { readState, writeState } from "../database/state.ts";
import { countRows } from "../export/full.ts";
import { JobFailure, messageOf, timed, skipped, succeeded, type Result } from "../result.ts";
import { readAccessKeys } from "../secrets.ts";
import { dropUnfinished, type Generation } from "./generations.ts";
import type { Turn } from "./sync.ts";

export async function promote(turn: Turn): Promise<Result> {
  const { server, settings, store } = turn;
  const state = await readState(server);
  if (!state) throw new Error("the database has no site state; run prepare-database first");
  const writer = await store.writer().catch(() => undefined);
  if (state.ready && (!writer || writer.site === settings.SITE)) {
    return skipped("this site is promoted already", {
      database: state.database,
      epoch: state.epoch,
      recoveryPoint: state.recoveryPoint,
      snapshotAt: state.snapshotAt,
    });
  }
  const seconds: Record<string, number> = {};
  const step = <T>(name: string, work: () => Promise<T>): Promise<T> => timed(seconds, name, work);
  await writeState(server, { ready: false, reason: "promotion under way" });
  const catchUp = await step("catchUp", () => catchUpInTime(turn));
  const current = await turn.follower.current();
  if (!current) throw new JobFailure("no verified recovery point to promote", { catchUp });
  const { tables, sequences } = await prepare(turn, current, step);
  const since = new Date().toISOString();
  const epoch = Math.max(state.epoch, writer?.epoch ?? 0, current.epoch) + 1;
  await step("fence", () => store.putJson(bucketKeys.writer, { site: settings.SITE, epoch, since }));
  const { name: database, slot: recoveryPoint, snapshotAt } = current;
  const reason = `promoted at ${since}`;
  await step("ready", () => writeState(server, { database, ready: true, reason, recoveryPoint, snapshotAt, epoch }));
  return succeeded({ recoveryPoint, snapshotAt, database, epoch, catchUp, tables, sequences, seconds });
}

interface CatchUp {
  /** Points that were still to be applied. */
  verified: string[];
  /** Why it ended before the newest point. */
  problems: string[];
}

type Step = <T>(name: string, work: () => Promise<T>) => Promise<T>;

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
  return { verified: follower.verified, problems };
}
