/** What the standby does next, decided from the bucket's catalogue and the known generations alone. */
import { manifestKey } from "../points/store.ts";
import { trusted, type Catalogue } from "../points/catalogue.ts";
import { isFuture, latestTime } from "../points/clock.ts";
import { findFutureTime, type Point, type Refusal } from "../points/point.ts";
import { timeOfSlot } from "../points/slot.ts";
import { whyNotTrue } from "../points/truth.ts";
import type { Writer } from "../points/writer.ts";
import { hasBeenUsed, type Generation } from "./generations.ts";

export type Task =
  /** Bring a generation forward by these changes, in this order. */
  | { kind: "continue"; generation: Generation; points: Point[] }
  /** Make a new generation of a full export. */
  | { kind: "import"; full: Point };

/** The step that leads to a newer state than the best generation; undefined: none does. */
export function nextTask(catalogue: Catalogue, generations: readonly Generation[]): Task | undefined {
  const current = currentOf(generations);
  const newest = current && !isDoubtful(current) ? Date.parse(current.snapshotAt) : -Infinity;
  const continued = generations
    .filter((generation) => generation.state !== "importing" && !isDoubtful(generation))
    .map((generation) => ({ generation, points: continuation(catalogue, generation) }))
    .filter(({ points }) => reach(points) > newest)
    .toSorted((a, b) => reach(b.points) - reach(a.points) || b.generation.full.localeCompare(a.generation.full));
  if (continued[0]) return { kind: "continue", ...continued[0] };
  // A full export that arrived late may be older than the changes applied since, which continue the one before it;
  // what is written from now on continues the new one, so its chain's end counts.
  const full = catalogue.fulls(trusted).find((point) => reach([point, ...catalogue.chain(point, trusted)]) > newest);
  return full && { kind: "import", full };
}

/** Moment of the last point. */
const reach = (points: readonly Point[]): number => {
  const last = points.at(-1);
  return last ? Date.parse(last.snapshotAt) : -Infinity;
};

/**
 * The changes after the generation's own point. A point that is not in the bucket any more, or is another one now, has
 * no place in a chain: what follows from it is unknown, and nothing older may be applied over it.
 */
export function continuation(catalogue: Catalogue, generation: Generation): Point[] {
  const own = catalogue.find(generation.kind, generation.slot);
  return own?.snapshotAt === generation.snapshotAt ? catalogue.chain(own, trusted) : [];
}

/** Generations whose point has vanished from the bucket. */
export function findVanished(catalogue: Catalogue, generations: readonly Generation[]): Refusal[] {
  return generations
    .filter((generation) => generation.state !== "importing" && !hasBeenUsed(generation))
    .filter(({ kind, slot }) => !catalogue.has(kind, slot))
    .map(({ kind, slot, name }) => ({
      key: manifestKey(kind, slot),
      reason: `it has vanished from the bucket; generation ${name} holds its state, and cannot be continued`,
    }));
}

/** The generation to use: the newest verified one; one that is in doubt only where there is no other. */
export function currentOf(generations: readonly Generation[]): Generation | undefined {
  const verified = generations.filter(({ state }) => state === "verified");
  return verified.toSorted((a, b) => rank(a) - rank(b) || Date.parse(a.snapshotAt) - Date.parse(b.snapshotAt)).at(-1);
}

const rank = (generation: Generation): number => (isDoubtful(generation) ? 0 : generation.state === "verified" ? 2 : 1);

/** Its point claims to be from the future or was written by a site that had been replaced, or it holds more than its point. */
const isDoubtful = ({ doubt, snapshotAt }: Generation): boolean => doubt !== undefined || isFuture(snapshotAt);

/**
 * Why a generation's point should not have been followed, as far as it is known now. What the own clock says is no part of
 * it: that is looked at each time (`isDoubtful`), since a clock may be set, but a doubt stays.
 */
export function findDoubt(
  generation: Generation,
  catalogue: Catalogue,
  writer: Writer | undefined,
): string | undefined {
  const { kind, slot, snapshotAt, epoch } = generation;
  const future = catalogue.future.find((point) => point.kind === kind && point.slot === slot);
  const { finishedAt = snapshotAt, storedAt } = future ?? {};
  const times = { slot: timeOfSlot(slot)?.toISOString() ?? snapshotAt, snapshotAt, finishedAt };
  const arrival = findFutureTime(times, storedAt, latestTime);
  return arrival ?? whyNotTrue({ epoch, snapshotAt }, writer, latestTime);
}

/**
 * Generations that are kept: the one in use and the one before it, and while a suspicious point waits for a decision
 * the newest one from before that point. Of those that took writes themselves the newest one: somebody may want them.
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
