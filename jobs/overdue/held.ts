/** Points that a standby rightly leaves alone: marked ones that nobody accepted, and what continues them. */
import { whyHeld } from "../points/hold.ts";
import type { Manifest, Suspicion } from "../points/manifest.ts";
import type { ReadableObjects } from "../points/objects.ts";
import { readManifest } from "../points/read-manifest.ts";
import { slotOf } from "../points/slot.ts";
import { manifestKey } from "../points/store.ts";
import type { Traces } from "./overdue.ts";

type Kind = Manifest["kind"];
type Store = Pick<ReadableObjects, "read">;

/** What of a manifest decides it. */
interface Lineage {
  parent: { kind: Kind; slot: string } | null;
  suspicious: Suspicion | undefined;
}

/** By key of the manifest, which never changes. */
export type KnownLineages = Map<string, Lineage>;

export async function readHeld(
  store: Store,
  { full, changes, standbyEvidence = 0 }: Traces,
  known: KnownLineages,
): Promise<NonNullable<Traces["held"]>> {
  const reader = new Reader(store, known);
  const heldOf = async (kind: Kind, slots: readonly number[]): Promise<number[]> => {
    const held: number[] = [];
    for (const time of slots) {
      if (time > standbyEvidence && (await reader.isHeld(kind, slotOf(new Date(time))))) held.push(time);
    }
    return held;
  };
  return { full: await heldOf("full", full), changes: await heldOf("changes", changes) };
}

class Reader {
  private readonly store: Store;
  private readonly known: KnownLineages;
  private readonly answers = new Map<string, boolean>();
  /** Whether the points of a series are held: a decision is looked for once. */
  private readonly series = new Map<string, boolean>();

  constructor(store: Store, known: KnownLineages) {
    this.store = store;
    this.known = known;
  }

  /** Goes along the parents up to the first that is known: a chain ends before its first point that is held. */
  async isHeld(kind: Kind, slot: string): Promise<boolean> {
    const passed: string[] = [];
    let held: boolean | undefined;
    for (let at: Lineage["parent"] = { kind, slot }; at && held === undefined;) {
      const key = manifestKey(at.kind, at.slot);
      held = this.answers.get(key);
      if (passed.includes(key)) break; // a ring of parents is no chain
      passed.push(key);
      const lineage = await this.lineage(key, at);
      if (held === undefined && lineage && (await this.isMarked(lineage))) held = true;
      at = lineage?.parent ?? null;
    }
    for (const key of passed) this.answers.set(key, held ?? false);
    return held ?? false;
  }

  /** Undefined: it cannot be read, and is not held for that. */
  private async lineage(key: string, { kind, slot }: { kind: Kind; slot: string }): Promise<Lineage | undefined> {
    const before = this.known.get(key);
    if (before) return before;
    const manifest = (await readManifest(this.store, kind, slot))?.manifest;
    if (!manifest) return undefined;
    const lineage = { parent: manifest.parent, suspicious: manifest.suspicious };
    this.known.set(key, lineage);
    return lineage;
  }

  private async isMarked({ suspicious }: Lineage): Promise<boolean> {
    if (!suspicious) return false;
    const { since } = suspicious;
    const held = this.series.get(since) ?? (await whyHeld(this.store, suspicious)) !== undefined;
    this.series.set(since, held);
    return held;
  }
}
