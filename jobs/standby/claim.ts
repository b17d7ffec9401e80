/** Makes a site the writer: the epochs of its database and of the bucket's record, and which of them counts. */
import type { SiteName } from "../../contract/index.ts";
import type { Database } from "../database/client.ts";
import { standUp, writeState, type SiteState } from "../database/state.ts";
import { ConditionFailed, type ConditionalObjects } from "../points/objects.ts";
import type { Manifest } from "../points/manifest.ts";
import { newestManifests } from "../points/newest.ts";
import type { PointStore } from "../points/store.ts";
import { originOfPoint, whyNotBelieved } from "../points/truth.ts";
import {
  isCredibleEpoch,
  readWriter,
  standingOf,
  writeWriter,
  WriterRecordError,
  type SeenWriter,
  type Writer,
} from "../points/writer.ts";
import { messageOf } from "../result.ts";

/** The record of the own region's bucket. One that cannot be read is an error: a promotion over it could make two writers. */
export async function seeWriter(store: ConditionalObjects): Promise<SeenWriter | undefined> {
  try {
    return await readWriter(store);
  } catch (error) {
    if (error instanceof WriterRecordError) throw new Error(`${error.message}; nothing was changed`, { cause: error });
    const what = `the recovery-point bucket ${store.bucket} of this region does not answer`;
    throw new Error(`${what}: ${messageOf(error)}; nothing was changed`, { cause: error });
  }
}

export interface Claim {
  site: SiteName;
  /** Every epoch that is known beside the record's: of the database, of the promoted generation, of the bucket's points. */
  epochs: readonly number[];
  /** Record before the promotion began. */
  seen: SeenWriter | undefined;
}

/**
 * Fences every other site, and returns the record in force. A record that names this site in an epoch above all others
 * (the command fenced before the promotion, or an earlier promotion was killed) is kept as it is.
 */
export async function claim(store: ConditionalObjects, { site, epochs, seen }: Claim): Promise<Writer> {
  const highest = Math.max(0, ...epochs.filter(isCredibleEpoch));
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
    throw new Error(`the writer record changed during the promotion: the writer is ${who} now`, { cause: error });
  }
}

const ownAbove = (seen: SeenWriter | undefined, site: SiteName, highest: number): Writer | undefined =>
  seen?.writer.site === site && seen.writer.epoch > highest ? seen.writer : undefined;

export interface Settled {
  epoch: number;
  /** What had to be put right. */
  note?: string;
}

/**
 * What a promotion still has to do at a site whose database is in use already; undefined: another site wrote after it, or
 * may have, so that its content counts no more. The record of this site's own next epoch leaves no epoch in between; over
 * a wider gap another site may have written what has not arrived here, which only a person can know (`adopt`).
 */
export async function settleReady(
  { server, store, site, mode }: { server: Database; store: PointStore; site: SiteName; mode: "adopt" | "promote" },
  { epoch }: SiteState,
  seen: SeenWriter | undefined,
): Promise<Settled | undefined> {
  const standing = standingOf(seen?.writer, site, epoch);
  if (!seen || standing === "writer") return { epoch };
  const { writer } = seen;
  if (standing === "stale") {
    await writeWriter(store, { site, epoch, since: new Date().toISOString() }, seen);
    return { epoch, note: `the stale record of ${writer.site} in epoch ${writer.epoch} was replaced` };
  }
  const isNext = mode === "adopt" || writer.epoch === epoch + 1;
  if (standing !== "ahead" || !isNext || (await hasLaterPoints(store, epoch, writer))) return undefined;
  await writeState(server, { epoch: writer.epoch });
  return { epoch: writer.epoch, note: `the database took over epoch ${writer.epoch} from the record` };
}

/**
 * Puts a database back into use that a newer record had taken out of it, where the record names its site again and
 * nobody else has written since; undefined: it is not such a database.
 */
export async function resumeReady(
  { server, store, site }: { server: Database; store: PointStore; site: SiteName },
  state: SiteState,
  seen: SeenWriter | undefined,
): Promise<Settled | undefined> {
  if (!seen || standingOf(seen.writer, site, state.epoch) !== "ahead") return undefined;
  const { epoch } = seen.writer;
  if (await hasLaterPoints(store, state.epoch, seen.writer)) return undefined;
  if (!(await standUp(server, state, epoch))) return undefined;
  return { epoch, note: `the database is in use again, in epoch ${epoch} of the record` };
}

/** Points that are looked at for a later epoch: whoever wrote last wrote the newest ones. */
const newestPoints = 50;

/** Whether the bucket has points of a later epoch than the database's: then this is not the database that wrote them. */
async function hasLaterPoints(store: PointStore, epoch: number, writer: Writer): Promise<boolean> {
  const counts = (manifest: Manifest): boolean => whyNotBelieved(originOfPoint(manifest), writer) === undefined;
  const looks = (["full", "changes"] as const).map((kind) =>
    newestManifests(store, kind, { count: newestPoints, counts }),
  );
  return (await Promise.all(looks)).flat().some((manifest) => manifest.writer.epoch > epoch);
}
