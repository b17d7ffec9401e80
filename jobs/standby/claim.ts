/** Makes a site the writer: reconciles the epochs of its database and of the writer record. */
import type { SiteName } from "../../contract/index.ts";
import type { Database } from "../database/client.ts";
import { unfenceSite, writeState, type SiteState } from "../database/state.ts";
import { highestEpoch } from "../points/epochs.ts";
import { ConditionFailed, type ConditionalObjects } from "../points/objects.ts";
import { newestManifests } from "../points/newest.ts";
import type { PointStore } from "../points/store.ts";
import { judgePoint, type Claimed } from "../points/validity.ts";
import {
  readWriter,
  standingOf,
  writeWriter,
  WriterRecordError,
  type VersionedWriter,
  type Writer,
} from "../points/writer.ts";
import { messageOf } from "../result.ts";

/**
 * Reads the record from the bucket in the site's own region. An invalid record is an error: promoting regardless could
 * create two writers.
 */
export async function readOwnWriter(store: ConditionalObjects): Promise<VersionedWriter | undefined> {
  try {
    return await readWriter(store);
  } catch (error) {
    if (error instanceof WriterRecordError) throw new Error(`${error.message}; nothing was changed`, { cause: error });
    const what = `the recovery-point bucket ${store.bucket} of this region is unreachable`;
    throw new Error(`${what}: ${messageOf(error)}; nothing was changed`, { cause: error });
  }
}

export interface Claim {
  site: SiteName;
  /**
   * All known epochs besides the record's: of the database, the promoted generation and the bucket's recovery points.
   */
  epochs: readonly number[];
  /** Record before the promotion. */
  seen: VersionedWriter | undefined;
}

/**
 * Fences every other site; returns the record in force. A record that already names this site in the highest epoch
 * (written by the failover command, or by a promotion that was killed) is kept.
 */
export async function claim(store: ConditionalObjects, { site, epochs, seen }: Claim): Promise<Writer> {
  const highest = highestEpoch(epochs);
  const kept = ownAbove(seen, site, highest);
  if (kept) return kept;
  const epoch = Math.max(highest, seen?.writer.epoch ?? 0) + 1;
  try {
    return (await writeWriter(store, { site, epoch, since: new Date().toISOString() }, seen)).writer;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const now = await readWriter(store);
    const fencedMeanwhile = ownAbove(now, site, highest);
    if (fencedMeanwhile) return fencedMeanwhile;
    const who = now ? `${now.writer.site} since ${now.writer.since} in epoch ${now.writer.epoch}` : "none";
    throw new Error(`the writer record changed during the promotion: the writer is now ${who}`, { cause: error });
  }
}

const ownAbove = (seen: VersionedWriter | undefined, site: SiteName, highest: number): Writer | undefined =>
  seen?.writer.site === site && seen.writer.epoch > highest ? seen.writer : undefined;

export interface Settled {
  epoch: number;
  /** What was corrected. */
  note?: string;
}

/**
 * Completes a promotion of a site whose database is already in use; undefined: another site has written since, or may
 * have, so the database is no longer valid. If the record has the site's next epoch, no epoch lies in between; across a
 * wider gap another site may have written without it having arrived here, which only an operator can rule out
 * (`adopt`).
 */
export async function settleReady(
  { server, store, site, mode }: { server: Database; store: PointStore; site: SiteName; mode: "adopt" | "promote" },
  { epoch }: SiteState,
  seen: VersionedWriter | undefined,
): Promise<Settled | undefined> {
  const standing = standingOf(seen?.writer, site, epoch);
  if (!seen || standing === "writer") return { epoch };
  const { writer } = seen;
  if (standing === "stale") {
    await writeWriter(store, { site, epoch, since: new Date().toISOString() }, seen);
    return { epoch, note: `replaced the stale record of ${writer.site} in epoch ${writer.epoch}` };
  }
  const isNext = mode === "adopt" || writer.epoch === epoch + 1;
  if (standing !== "ahead" || !isNext || (await hasLaterPoints(store, epoch, writer))) return undefined;
  await writeState(server, { epoch: writer.epoch });
  return { epoch: writer.epoch, note: `the database adopted epoch ${writer.epoch} of the record` };
}

/**
 * Lifts the fence of a database where the record names its site again and no other site has written since; undefined:
 * not applicable.
 */
export async function resumeReady(
  { server, store, site }: { server: Database; store: PointStore; site: SiteName },
  state: SiteState,
  seen: VersionedWriter | undefined,
): Promise<Settled | undefined> {
  if (!seen || standingOf(seen.writer, site, state.epoch) !== "ahead") return undefined;
  const { epoch } = seen.writer;
  if (await hasLaterPoints(store, state.epoch, seen.writer)) return undefined;
  if (!(await unfenceSite(server, state, epoch))) return undefined;
  return { epoch, note: `the database is in use again, in epoch ${epoch} of the record` };
}

/** Recovery points checked for a later epoch: the last writer wrote the newest ones. */
const newestPoints = 50;

/** Whether the bucket has recovery points of a later epoch, which this database did not write. */
async function hasLaterPoints(store: PointStore, epoch: number, writer: Writer): Promise<boolean> {
  const counts = (claimed: Claimed): boolean => judgePoint(claimed, writer).is === "valid";
  const newest = (["full", "changes"] as const).map((kind) =>
    newestManifests(store, kind, { count: newestPoints, counts }),
  );
  return (await Promise.all(newest)).flat().some((manifest) => manifest.writer.epoch > epoch);
}
