/**
 * What a bucket of recovery points holds: the points that can be used, and by name what cannot and why.
 * Whoever chooses a point chooses it here, so that one bad object never hides the good ones.
 */
import { followParents } from "./chain.ts";
import type { Decision } from "./decisions.ts";
import type { Manifest } from "./manifest.ts";
import type { ListedObject } from "./objects.ts";
import type { Point, Refusal } from "./point.ts";
import { manifestKey } from "./store.ts";

/** What people decided about a point; undefined: nothing looked wrong about it. */
export type Mark = "undecided" | "accepted" | "rejected";

export class Catalogue {
  /** Usable points, whatever their mark. */
  readonly points: Point[] = [];
  readonly refused: Refusal[] = [];
  /** Points whose parts or parents may still be on their way. */
  readonly waiting: Refusal[] = [];
  /** Points that claim to be from the future; refused as well. */
  readonly future: Point[] = [];
  readonly decisions = new Map<string, Decision>();
  /** Everything that was listed, by key. */
  readonly objects = new Map<string, ListedObject>();

  mark({ suspicious }: Pick<Point, "suspicious">): Mark | undefined {
    if (!suspicious) return undefined;
    const decision = this.decisions.get(suspicious.since)?.decision;
    return decision === undefined ? "undecided" : decision === "accept" ? "accepted" : "rejected";
  }

  /** Marked points about which nobody has decided, oldest first. */
  get undecided(): Point[] {
    return this.points.filter((point) => this.mark(point) === "undecided").toSorted(bySnapshot);
  }

  /** Whether the bucket lists a manifest of that point, readable or not. */
  has(kind: Manifest["kind"], slot: string): boolean {
    return this.objects.has(manifestKey(kind, slot));
  }

  find(kind: Manifest["kind"], slot: string): Point | undefined {
    return this.points.find((point) => point.kind === kind && point.slot === slot);
  }

  /** Full exports that the caller accepts, newest first. */
  fulls(accept: (mark: Mark | undefined) => boolean): Point[] {
    const fulls = this.points.filter((point) => point.kind === "full" && accept(this.mark(point)));
    return fulls.toSorted(bySnapshot).toReversed();
  }

  /** Changes after a point, in order, up to the first that is missing, bad or not accepted. */
  chain(from: Pick<Point, "kind" | "slot" | "full">, accept: (mark: Mark | undefined) => boolean): Point[] {
    const changes = this.points.filter(({ kind, full }) => kind === "changes" && full === from.full);
    const chain = followParents(from, changes);
    const end = chain.findIndex((point) => !accept(this.mark(point)));
    return end < 0 ? chain : chain.slice(0, end);
  }
}

/** Only what nothing is wrong about, or what somebody looked at and accepted. */
export const trusted = (mark: Mark | undefined): boolean => mark === undefined || mark === "accepted";

/** What can be restored; whether it is what was wanted, somebody may still decide. */
export const restorable = (mark: Mark | undefined): boolean => mark !== "rejected";

const bySnapshot = (a: Point, b: Point): number => Date.parse(a.snapshotAt) - Date.parse(b.snapshotAt);
