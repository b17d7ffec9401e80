/** Shared by both kinds of export: source database, target bucket, and the check that this site may export. */
import { openServer } from "../database/open-server.ts";
import { Database } from "../database/client.ts";
import type { SequencePosition } from "../database/sequences.ts";
import { requireReady, type SiteState } from "../database/state.ts";
import type { Manifest } from "../points/manifest.ts";
import { slotOfJob } from "../points/slot.ts";
import type { SiteName } from "../../contract/index.ts";
import { S3PointStore } from "../points/s3-store.ts";
import type { PointStore } from "../points/store.ts";
import { isPassing } from "../points/failures.ts";
import { standingOf, type Writer } from "../points/writer.ts";
import { messageOf, type JobContext } from "../result.ts";
import type { Settings } from "../settings.ts";
import { readHistory } from "./history.ts";
import { countUndecided, judgeShrink, withRates } from "./suspicion.ts";

export interface ExportSource {
  /** The database in use. */
  database: Database;
  store: PointStore;
  state: SiteState;
  /** The writer record; undefined: none. */
  writer: Writer | undefined;
}

/** Opens source and target; throws if this site may not export. */
export async function openSource(settings: Settings<"export">, context: JobContext): Promise<ExportSource> {
  if (settings.SITE_ROLE !== "active") {
    throw new Error(`the site's role is ${settings.SITE_ROLE}; only the active site exports recovery points`);
  }
  const store = new S3PointStore({
    bucket: settings.BUCKET,
    region: settings.BUCKET_REGION,
    timeoutSeconds: settings.AWS_TIMEOUT_SECONDS,
    signal: context.signal,
  });
  const server = openServer(settings.DATABASE_URL, settings, context);
  const [state, writer] = await Promise.all([requireReady(server), store.writer()]);
  const problem = whyNotWriter(writer, settings.SITE, state.epoch);
  if (problem !== undefined) throw new Error(problem);
  return { database: server.other(state.database), store, state, writer };
}

/**
 * The writer record as seen by the active site: where the record is missing or behind, the site's database is
 * authoritative.
 */
export const recordOf = (
  { state, writer }: Pick<ExportSource, "state" | "writer">,
  { SITE: site }: Pick<Settings<"export">, "SITE">,
): Writer =>
  writer && writer.epoch >= state.epoch ? writer : { site, epoch: state.epoch, since: new Date().toISOString() };

/** Slot of this run: its scheduled time, or the start time if no schedule started it. */
export const slotOfRun = (settings: Settings<"export">, cronJob: string): string =>
  slotOfJob(settings.JOB_NAME, new Date(), { cronJob, withinSeconds: settings.SCHEDULED_WITHIN_SECONDS });
/** Why a site may not export; undefined: it may. A record older than the database's epoch revokes nothing. */
export function whyNotWriter(writer: Writer | undefined, site: SiteName, epoch: number): string | undefined {
  const standing = standingOf(writer, site, epoch);
  if (!writer || standing === "writer" || standing === "stale") return undefined;
  const record = `site ${writer.site} has been the writer since ${writer.since} (epoch ${writer.epoch})`;
  const here = `this is ${site} in epoch ${epoch}`;
  if (standing === "superseded") return `${record}; ${here}`;
  return `${record}; ${here}: if this site is the rightful writer, give it a new epoch with \`continuity writer set\``;
}

/** Manifest fields describing the origin. */
export async function originOf({ database, state }: ExportSource, settings: Settings<"export">) {
  return {
    database: { namespace: settings.DATABASE_NAMESPACE, name: database.name, version: await database.version() },
    writer: { site: settings.SITE, epoch: state.epoch },
  };
}

interface Snapshot {
  kind: Manifest["kind"];
  slot: string;
  snapshotAt: Date;
  rows: Record<string, number>;
  sequences: Record<string, SequencePosition>;
}

/**
 * Compares with earlier recovery points; returns manifest fields and the number of suspicious recovery points awaiting
 * a decision.
 */
export async function compareWithHistory(
  { store, state, writer }: ExportSource,
  { kind, slot, snapshotAt, rows, sequences }: Snapshot,
  settings: Settings<"export">,
  { log }: JobContext,
) {
  const [at, withinSeconds] = [snapshotAt.getTime(), settings.SUSPICIOUS_SHRINK_WITHIN_SECONDS];
  const lateSeconds = settings.SCHEDULED_WITHIN_SECONDS;
  const all = await readHistory({ store, writer, since: at - withinSeconds * 1000, lateSeconds, log });
  const history = all.filter((point) => point.at < at);
  const limits = {
    ratio: settings.SUSPICIOUS_SHRINK_RATIO,
    minimumRows: settings.SUSPICIOUS_SHRINK_ROWS,
    withinSeconds,
  };
  const suspicious = judgeShrink({ name: `${kind} ${slot}`, at, rows }, history, limits);
  if (suspicious)
    log(`recovery point ${slot} is suspicious since ${suspicious.since}: ${suspicious.reasons.join("; ")}`);
  return {
    fields: { sequences: withRates(sequences, { at, epoch: state.epoch }, history), suspicious },
    undecided: countUndecided(history) + (suspicious ? 1 : 0),
  };
}

/**
 * Whether the slot's recovery point already exists. An unreadable manifest counts as missing and is overwritten by this
 * run.
 */
export async function hasPoint(
  { store }: Pick<ExportSource, "store">,
  kind: Manifest["kind"],
  slot: string,
  context: JobContext,
): Promise<boolean> {
  try {
    return (await (kind === "full" ? store.manifest("full", slot) : store.manifest("changes", slot))) !== undefined;
  } catch (error) {
    context.signal.throwIfAborted();
    if (isPassing(error)) throw error;
    context.log(`replacing the manifest of ${kind} recovery point ${slot}: ${messageOf(error)}`);
    return false;
  }
}
