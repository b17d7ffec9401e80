/**
 * Recovery points that a standby skips on purpose: suspicious ones that were not accepted, and those that continue
 * them.
 */
import { whyHeld } from "../points/decisions.ts";
import type { Manifest, Suspicion } from "../points/manifest.ts";
import type { ReadableObjects } from "../points/objects.ts";
import { readManifest } from "../points/read-manifest.ts";
import { slotOf } from "../points/slot.ts";
import { manifestKey } from "../points/store.ts";
import type { Traces } from "./overdue.ts";

type Kind = Manifest["kind"];
type Store = Pick<ReadableObjects, "read">;

/** The manifest fields that decide it. */
interface Lineage {
  parent: { kind: Kind; slot: string } | null;
  suspicious: Suspicion | undefined;
}

/** By manifest key; manifests are immutable. */
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
  /** Whether each series is held back; its decision is read once. */
  private readonly series = new Map<string, boolean>();

  constructor(store: Store, known: KnownLineages) {
    this.store = store;
    this.known = known;
  }

  /** Follows the parents up to the first known one: a chain ends before its first recovery point that is held back. */
  async isHeld(kind: Kind, slot: string): Promise<boolean> {
    const passed: string[] = [];
    let held: boolean | undefined;
    for (let at: Lineage["parent"] = { kind, slot }; at && held === undefined;) {
      const key = manifestKey(at.kind, at.slot);
      held = this.answers.get(key);
      if (passed.includes(key)) break; // parents in a cycle are not a chain
      passed.push(key);
      const lineage = await this.lineage(key, at);
      if (held === undefined && lineage && (await this.isMarked(lineage))) held = true;
      at = lineage?.parent ?? null;
    }
    for (const key of passed) this.answers.set(key, held ?? false);
    return held ?? false;
  }

  /** Undefined: unreadable, which does not count as held back. */
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
