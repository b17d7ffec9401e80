/** Decides the standby's next task from the bucket's catalogue and the known generations alone. */
import { manifestKey } from "../points/store.ts";
import type { Catalogue } from "../points/catalogue.ts";
import { isFuture, latestTime } from "../points/clock.ts";
import { trusted } from "../points/decisions.ts";
import { findFutureTime, type Point, type Refusal } from "../points/point.ts";
import { timeOfSlot } from "../points/slot.ts";
import { whyRejected } from "../points/validity.ts";
import type { Writer } from "../points/writer.ts";
import { hasBeenUsed, type Generation } from "./generations.ts";

export type Task =
  /** Advance a generation by these changes, in this order. */
  | { kind: "continue"; generation: Generation; points: Point[] }
  /** Import a full export as a new generation. */
  | { kind: "import"; full: Point };

/** The task that leads to a newer state than the best generation; undefined: none. */
export function nextTask(catalogue: Catalogue, generations: readonly Generation[]): Task | undefined {
  const current = currentOf(generations);
  const newest = current && !isDoubtful(current) ? Date.parse(current.snapshotAt) : -Infinity;
  const continued = generations
    .filter((generation) => generation.state !== "importing" && !isDoubtful(generation))
    .map((generation) => ({ generation, points: continuation(catalogue, generation) }))
    .filter(({ points }) => reach(points) > newest)
    .toSorted((a, b) => reach(b.points) - reach(a.points) || b.generation.full.localeCompare(a.generation.full));
  if (continued[0]) return { kind: "continue", ...continued[0] };
  // A full export that arrived late may be older than the changes applied since, which continue its predecessor; later
  // changes continue the new one, so the end of its chain counts.
  const full = catalogue.fulls(trusted).find((point) => reach([point, ...catalogue.chain(point, trusted)]) > newest);
  return full && { kind: "import", full };
}

/** Snapshot time of the last recovery point. */
const reach = (points: readonly Point[]): number => {
  const last = points.at(-1);
  return last ? Date.parse(last.snapshotAt) : -Infinity;
};

/**
 * Changes following the generation's recovery point. If that is no longer in the bucket or was replaced, its successors
 * are unknown, and nothing older may be applied over it.
 */
function continuation(catalogue: Catalogue, generation: Generation): Point[] {
  const own = catalogue.find(generation.kind, generation.slot);
  return own?.snapshotAt === generation.snapshotAt ? catalogue.chain(own, trusted) : [];
}

/** Generations whose recovery point was removed from the bucket. */
export function findVanished(catalogue: Catalogue, generations: readonly Generation[]): Refusal[] {
  return generations
    .filter((generation) => generation.state !== "importing" && !hasBeenUsed(generation))
    .filter(({ kind, slot }) => !catalogue.has(kind, slot))
    .map(({ kind, slot, name }) => ({
      key: manifestKey(kind, slot),
      reason: `it was removed from the bucket; generation ${name} has its state but cannot be continued`,
    }));
}

/** The generation to use: the newest verified one; a doubtful one only as a last resort. */
export function currentOf(generations: readonly Generation[]): Generation | undefined {
  const verified = generations.filter(({ state }) => state === "verified");
  return verified.toSorted((a, b) => rank(a) - rank(b) || Date.parse(a.snapshotAt) - Date.parse(b.snapshotAt)).at(-1);
}

const rank = (generation: Generation): number => (isDoubtful(generation) ? 0 : generation.state === "verified" ? 2 : 1);

/** Dated in the future, written by a superseded site, or used for writes since. */
const isDoubtful = ({ doubt, snapshotAt }: Generation): boolean => doubt !== undefined || isFuture(snapshotAt);

/**
 * Why a generation's recovery point should not have been applied. Comparison with the local clock is excluded: a doubt
 * is permanent but a clock may be corrected, so `isDoubtful` checks it each time.
 */
export function findDoubt(
  generation: Generation,
  catalogue: Catalogue,
  writer: Writer | undefined,
): string | undefined {
  const { kind, slot, snapshotAt, site, epoch } = generation;
  const future = catalogue.future.find((point) => point.kind === kind && point.slot === slot);
  const { finishedAt = snapshotAt, storedAt } = future ?? {};
  const times = { slot: timeOfSlot(slot)?.toISOString() ?? snapshotAt, snapshotAt, finishedAt };
  const arrival = findFutureTime(times, storedAt, latestTime);
  return arrival ?? whyRejected({ site, epoch, snapshotAt }, writer, latestTime);
}

/**
 * Generations to keep: the current and the previous one; while a suspicious recovery point awaits a decision, the
 * newest one before it; and the newest one that took writes itself, since its data may be wanted.
 */
export function keptOf(generations: readonly Generation[], undecidedSince: string | undefined): Set<string> {
  const current = currentOf(generations);
  const others = generations.filter(({ name }) => name !== current?.name);
  const before = others.toSorted((a, b) => rank(a) - rank(b)).at(-1);
  const held =
    undecidedSince === undefined
      ? undefined
      : currentOf(generations.filter(({ snapshotAt }) => Date.parse(snapshotAt) < Date.parse(undecidedSince)));
  const used = others
    .filter(hasBeenUsed)
    .toSorted((a, b) => Date.parse(a.snapshotAt) - Date.parse(b.snapshotAt))
    .at(-1);
  return new Set([current, before, held, used].flatMap((generation) => generation?.name ?? []));
}
