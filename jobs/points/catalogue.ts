/**
 * Catalogue of a bucket's recovery points: the usable ones, and the key of everything unusable with the reason. All
 * selection goes through it, so that one bad object never hides the good ones.
 */
import { followParents } from "./chain.ts";
import type { Mark, Ruling } from "./decisions.ts";
import type { Manifest } from "./manifest.ts";
import type { ListedObject } from "./objects.ts";
import type { Point, Refusal } from "./point.ts";
import { manifestKey } from "./store.ts";

export class Catalogue {
  /** Usable recovery points, regardless of their mark. */
  readonly points: Point[] = [];
  readonly refused: Refusal[] = [];
  /** Recovery points whose parts or parents may still be replicating. */
  readonly waiting: Refusal[] = [];
  /** Recovery points dated in the future; also in `refused`. */
  readonly future: Point[] = [];
  /** Ruling on each series of suspicious recovery points, by its first point. */
  readonly rulings = new Map<string, Ruling>();
  /** All listed objects, by key. */
  readonly objects = new Map<string, ListedObject>();

  mark({ suspicious }: Pick<Point, "suspicious">): Mark | undefined {
    return suspicious && (this.rulings.get(suspicious.since)?.mark ?? "undecided");
  }

  /** Suspicious recovery points awaiting a decision, oldest first. */
  get undecided(): Point[] {
    return this.points.filter((point) => this.mark(point) === "undecided").toSorted(bySnapshot);
  }

  /** Whether the bucket lists a manifest of that recovery point, readable or not. */
  has(kind: Manifest["kind"], slot: string): boolean {
    return this.objects.has(manifestKey(kind, slot));
  }

  find(kind: Manifest["kind"], slot: string): Point | undefined {
    return this.points.find((point) => point.kind === kind && point.slot === slot);
  }

  /** Full exports with an accepted mark, newest first. */
  fulls(accept: (mark: Mark | undefined) => boolean): Point[] {
    const fulls = this.points.filter((point) => point.kind === "full" && accept(this.mark(point)));
    return fulls.toSorted(bySnapshot).toReversed();
  }

  /** Changes following a recovery point, in order, up to the first that is missing, bad or not accepted. */
  chain(from: Pick<Point, "kind" | "slot" | "full">, accept: (mark: Mark | undefined) => boolean): Point[] {
    const changes = this.points.filter(({ kind, full }) => kind === "changes" && full === from.full);
    const chain = followParents(from, changes);
    const end = chain.findIndex((point) => !accept(this.mark(point)));
    return end < 0 ? chain : chain.slice(0, end);
  }
}

const bySnapshot = (a: Point, b: Point): number => Date.parse(a.snapshotAt) - Date.parse(b.snapshotAt);
