/** Earlier recovery points: rows per table, sequence positions, and whether they are trusted. */
import type { SequencePosition } from "../database/sequences.ts";
import { decisionKey, readRuling, trusted, type Mark } from "../points/decisions.ts";
import type { Manifest, Suspicion } from "../points/manifest.ts";
import { slotOf, timeOfSlot } from "../points/slot.ts";
import type { PointStore } from "../points/store.ts";
import { originOfPoint, whyRejected } from "../points/validity.ts";
import type { Writer } from "../points/writer.ts";
import { messageOf } from "../result.ts";

export interface PastPoint {
  /** `<kind> <slot>` */
  name: string;
  /** Time of the snapshot, in milliseconds since 1970. */
  at: number;
  epoch: number;
  /** Rows per table; undefined: an older change export that did not record them. */
  rows: Record<string, number> | undefined;
  sequences: Record<string, SequencePosition>;
  suspicious: Suspicion | undefined;
  /** Decision about a suspicious recovery point; undefined: not suspicious. */
  mark: Mark | undefined;
}

/** Not suspicious, or accepted after review. */
export const isTrusted = ({ mark }: Pick<PastPoint, "mark">): boolean => trusted(mark);

export interface HistoryArgs {
  store: Pick<PointStore, "bucket" | "slots" | "manifest" | "read">;
  writer: Writer | undefined;
  /** All recovery points since this time (in milliseconds) are read; of earlier ones only the newest trusted one. */
  since: number;
  /** Maximum delay between a slot and its export. */
  lateSeconds: number;
  log(line: string): void;
}

type Kind = Manifest["kind"];
interface Slot {
  kind: Kind;
  slot: string;
}

/** Returns the oldest first. Unreadable recovery points are logged and skipped. */
export async function readHistory(args: HistoryArgs): Promise<PastPoint[]> {
  const reader = new Reader(args);
  const start = slotOf(new Date(args.since - args.lateSeconds * 1000));
  const fulls = await reader.list("full");
  const recent = [...fulls.filter(({ slot }) => slot >= start), ...(await reader.list("changes", start))];
  const points = await reader.read(recent);
  const isBaseline = (point: PastPoint | undefined) => point?.rows !== undefined && isTrusted(point);
  if (points.some(isBaseline)) return points;
  // The newest trusted recovery point predates a suspicious series or a pause.
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
      const problem = whyRejected(originOfPoint(manifest), this.args.writer);
      if (problem !== undefined) throw new Error(problem);
      const { suspicious } = manifest;
      return { ...describe(manifest), mark: suspicious && (await this.markOf(suspicious.since)) };
    } catch (error) {
      this.args.log(`skipping ${kind} recovery point ${slot} in the comparison: ${messageOf(error)}`);
      return undefined;
    }
  }

  private markOf(since: string): Promise<Mark> {
    const known = this.decisions.get(since) ?? this.readMark(since);
    this.decisions.set(since, known);
    return known;
  }

  /** An unreadable decision counts as none. */
  private async readMark(since: string): Promise<Mark> {
    const { mark, problem } = await readRuling(this.args.store, since).catch(
      (error: unknown) => ({ mark: "undecided", problem: messageOf(error) }) as const,
    );
    if (problem !== undefined) this.args.log(`${decisionKey(since)} is ignored: ${problem}`);
    return mark;
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

/** Rows of all tables except views, which follow from the others. */
export const rowsOf = (tables: Record<string, { rows: number; view: boolean }>): Record<string, number> =>
  Object.fromEntries(Object.entries(tables).flatMap(([name, { rows, view }]) => (view ? [] : [[name, rows]])));
