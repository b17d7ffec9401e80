/** What both kinds of export have in common: who may write, from which database, to where. */
import { openServer } from "../database/open-server.ts";
import { Database } from "../database/client.ts";
import type { SequencePosition } from "../database/sequences.ts";
import { requireReady, type SiteState } from "../database/state.ts";
import type { Manifest } from "../points/manifest.ts";
import { slotOfJob } from "../points/slot.ts";
import type { SiteName } from "../../contract/index.ts";
import { PointStore } from "../points/store.ts";
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
  /** Which site's exports count, where that was written down. */
  writer: Writer | undefined;
}

/** Opens source and target; throws when this site is not the one whose exports count. */
export async function openSource(settings: Settings<"export">, context: JobContext): Promise<ExportSource> {
  if (settings.SITE_ROLE !== "active") {
    throw new Error(`the site's role is ${settings.SITE_ROLE}; only the active site's exports count`);
  }
  const store = new PointStore({
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

/** The record as a site that writes knows it: where it is missing or behind, the site's own database knows better. */
export const recordOf = (
  { state, writer }: Pick<ExportSource, "state" | "writer">,
  { SITE: site }: Pick<Settings<"export">, "SITE">,
): Writer =>
  writer && writer.epoch >= state.epoch ? writer : { site, epoch: state.epoch, since: new Date().toISOString() };

/** The slot of this run: its scheduled time, or the time of start of a run that no schedule started. */
export const slotOfRun = (settings: Settings<"export">, cronJob: string): string =>
  slotOfJob(settings.JOB_NAME, new Date(), { cronJob, withinSeconds: settings.SCHEDULED_WITHIN_SECONDS });
/** Why a site's exports do not count; undefined: they do. An older record than the database's epoch takes nothing away. */
export function whyNotWriter(writer: Writer | undefined, site: SiteName, epoch: number): string | undefined {
  const standing = standingOf(writer, site, epoch);
  if (!writer || standing === "writer" || standing === "stale") return undefined;
  const record = `site ${writer.site} has been the writer since ${writer.since} (epoch ${writer.epoch})`;
  const here = `this is ${site} in epoch ${epoch}`;
  if (standing === "superseded") return `${record}; ${here}`;
  return `${record}; ${here}: if this site is the true writer, give it a new epoch with \`continuity writer set\``;
}

/** Manifest fields that say where a point comes from. */
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

/** What the points before say about this one: manifest fields, and how many marked points wait for a decision. */
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
  if (suspicious) log(`point ${slot} is suspicious since ${suspicious.since}: ${suspicious.reasons.join("; ")}`);
  return {
    fields: { sequences: withRates(sequences, { at, epoch: state.epoch }, history), ...(suspicious && { suspicious }) },
    undecided: countUndecided(history) + (suspicious ? 1 : 0),
  };
}

/** Whether the slot has its point already. A manifest that cannot be read is none: the run writes a good one over it. */
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
    context.log(`the manifest of ${kind} point ${slot} is replaced: ${messageOf(error)}`);
    return false;
  }
}
