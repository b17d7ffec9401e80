/** The points before this one: how many rows each table had, where sequences stood, and whether they can be trusted. */
import type { SequencePosition } from "../database/sequences.ts";
import type { Mark } from "../points/catalogue.ts";
import { decisionKey, readDecision } from "../points/decisions.ts";
import type { Manifest, Suspicion } from "../points/manifest.ts";
import { slotOf, timeOfSlot } from "../points/slot.ts";
import type { PointStore } from "../points/store.ts";
import { originOfPoint, whyNotTrue } from "../points/truth.ts";
import type { Writer } from "../points/writer.ts";
import { messageOf } from "../result.ts";

export interface PastPoint {
  /** `<kind> <slot>` */
  name: string;
  /** Moment of the snapshot, in milliseconds. */
  at: number;
  epoch: number;
  /** Rows of each table; undefined: a change export from before they were counted. */
  rows: Record<string, number> | undefined;
  sequences: Record<string, SequencePosition>;
  suspicious: Suspicion | undefined;
  /** What was decided about a suspicious point; undefined: nothing looked wrong about it. */
  mark: Mark | undefined;
}

/** Nothing looked wrong about it, or somebody accepted it all the same. */
export const isTrusted = ({ mark }: Pick<PastPoint, "mark">): boolean => mark === undefined || mark === "accepted";

export interface HistoryArgs {
  store: Pick<PointStore, "bucket" | "slots" | "manifest" | "read">;
  writer: Writer | undefined;
  /** Moment from which on all points matter, in milliseconds; of those before it, only the newest that can be trusted. */
  since: number;
  /** How much later than its slot a point may have been made. */
  lateSeconds: number;
  log(line: string): void;
}

type Kind = Manifest["kind"];
interface Slot {
  kind: Kind;
  slot: string;
}

/** Oldest first. A point that cannot be read is named in the log and passed over. */
export async function readHistory(args: HistoryArgs): Promise<PastPoint[]> {
  const reader = new Reader(args);
  const start = slotOf(new Date(args.since - args.lateSeconds * 1000));
  const fulls = await reader.list("full");
  const recent = [...fulls.filter(({ slot }) => slot >= start), ...(await reader.list("changes", start))];
  const points = await reader.read(recent);
  const isBaseline = (point: PastPoint | undefined) => point?.rows !== undefined && isTrusted(point);
  if (points.some(isBaseline)) return points;
  // The newest point that can be trusted is from before a series of marked ones, or of a pause.
  const first = [...points.flatMap(({ suspicious }) => suspicious?.since.split(" ")[1] ?? []), start].sort()[0];
  const older = [...fulls, ...(await reader.list("changes"))].filter(({ slot }) => slot < (first ?? start));
  for (const slot of older.sort((a, b) => (a.slot < b.slot ? 1 : -1))) {
    const [point] = await reader.read([slot]);
    if (point && isBaseline(point)) return [point, ...points];
  }
  return points;
}

class Reader {
  private readonly args: HistoryArgs;
  private readonly decisions = new Map<string, Promise<Mark>>();

  constructor(args: HistoryArgs) {
    this.args = args;
  }

  async list(kind: Kind, after?: string): Promise<Slot[]> {
    const slots = await this.args.store.slots(kind, after);
    return slots.filter((slot) => timeOfSlot(slot) !== undefined).map((slot) => ({ kind, slot }));
  }

  async read(slots: Slot[]): Promise<PastPoint[]> {
    const found = await Promise.all(slots.map((slot) => this.readOne(slot)));
    return found.flatMap((point) => point ?? []).toSorted((a, b) => a.at - b.at);
  }

  private async readOne({ kind, slot }: Slot): Promise<PastPoint | undefined> {
    try {
      const manifest = await this.args.store.manifest(kind as "full", slot);
      if (!manifest) return undefined;
      const problem = whyNotTrue(originOfPoint(manifest), this.args.writer);
      if (problem !== undefined) throw new Error(problem);
      const { suspicious } = manifest;
      return { ...describe(manifest), mark: suspicious && (await this.markOf(suspicious.since)) };
    } catch (error) {
      this.args.log(`point ${kind} ${slot} is not compared with: ${messageOf(error)}`);
      return undefined;
    }
  }

  private markOf(since: string): Promise<Mark> {
    const known = this.decisions.get(since) ?? this.readDecision(since);
    this.decisions.set(since, known);
    return known;
  }

  /** What cannot be read decides nothing. */
  private async readDecision(since: string): Promise<Mark> {
    try {
      const found = await readDecision(this.args.store, since);
      return found === undefined ? "undecided" : found.decision === "accept" ? "accepted" : "rejected";
    } catch (error) {
      this.args.log(`${decisionKey(since)} decides nothing: ${messageOf(error)}`);
      return "undecided";
    }
  }
}

const describe = (manifest: Manifest): Omit<PastPoint, "mark"> => ({
  name: `${manifest.kind} ${manifest.slot}`,
  at: Date.parse(manifest.snapshotAt),
  epoch: manifest.writer.epoch,
  rows: manifest.kind === "full" ? rowsOf(manifest.tables) : manifest.rowCounts,
  sequences: manifest.sequences,
  suspicious: manifest.suspicious,
});

/** Rows of the tables that are not derived from others: a view's follow from those. */
export const rowsOf = (tables: Record<string, { rows: number; view: boolean }>): Record<string, number> =>
  Object.fromEntries(Object.entries(tables).flatMap(([name, { rows, view }]) => (view ? [] : [[name, rows]])));
