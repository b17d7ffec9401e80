/** The state of each recovery point of the last day, as the standby sees it. */
import {
  isVerified,
  readCatalogue,
  readWriter,
  slotOf,
  standbyEvidenceKey,
  trusted,
  type Catalogue,
  type Point,
  type ReadableObjects,
} from "../jobs/index.ts";
import { bucketKeys, type SiteName } from "../contract/index.ts";

export interface PointState {
  kind: "full" | "changes" | undefined;
  /** Undefined: the key is not that of a point. */
  slot: string | undefined;
  key: string;
  /**
   * `verified`: restored by the standby, with evidence. `usable`: it can be. `suspicious`: it waits for a decision.
   * `held`: it builds on one that waits, or that was rejected. `rejected`: it is never used. `arriving`: parts or
   * parents are missing that may still come. `refused`: it is bad.
   */
  state: "verified" | "usable" | "suspicious" | "held" | "rejected" | "arriving" | "refused";
  snapshotAt: string | undefined;
  why: string[];
}

/** How far the list goes back at least; always to a full export that can be used. */
const listedSeconds = 86_400;

/** Newest last; what is no point at all comes first. */
export async function listPoints(
  objects: ReadableObjects,
  site: SiteName,
  now: number = Date.now(),
): Promise<PointState[]> {
  const writer = (await readWriter(objects))?.writer;
  const since = slotOf(new Date(now - listedSeconds * 1000));
  const catalogue = await readCatalogue({ store: objects, writer, since: [since], now });
  const proved = new Set(await objects.keys(bucketKeys.standbyEvidencePrefix, standbyEvidenceKey(since)));
  const free = reachable(catalogue);
  const usable: PointState[] = [];
  for (const point of catalogue.points) {
    const isProved = proved.has(standbyEvidenceKey(point.slot));
    const verified = isProved && (await isVerified(objects, site, point.slot).catch(() => false));
    usable.push(stateOf(point, catalogue, { verified, isFree: free.has(point) }));
  }
  const bad = [
    ...catalogue.refused.map((refusal) => ({ ...refusal, state: "refused" as const })),
    ...catalogue.waiting.map((refusal) => ({ ...refusal, state: "arriving" as const })),
  ].map(({ key, reason, state }) => ({ ...nameOf(key), key, state, snapshotAt: undefined, why: [reason] }));
  const named = new Set(bad.map(({ key }) => key));
  return [...bad, ...usable.filter(({ key }) => !named.has(key))].sort((a, b) =>
    (a.slot ?? "").localeCompare(b.slot ?? ""),
  );
}

/** Points that the standby can come to without passing one that nobody accepted. */
function reachable(catalogue: Catalogue): Set<Point> {
  return new Set(catalogue.fulls(trusted).flatMap((full) => [full, ...catalogue.chain(full, trusted)]));
}

function stateOf(
  point: Point,
  catalogue: Catalogue,
  { verified, isFree }: { verified: boolean; isFree: boolean },
): PointState {
  const { kind, slot, key, snapshotAt, suspicious } = point;
  const mark = catalogue.mark(point);
  const why = suspicious ? [`since ${suspicious.since}:`, suspicious.reasons.join("; ")] : [];
  const common = { kind, slot, key, snapshotAt };
  if (mark === "undecided") return { ...common, state: "suspicious", why };
  if (mark === "rejected") return { ...common, state: "rejected", why };
  if (verified) return { ...common, state: "verified", why };
  return isFree
    ? { ...common, state: "usable", why }
    : { ...common, state: "held", why: ["what is before it is not used"] };
}

function nameOf(key: string): Pick<PointState, "kind" | "slot"> {
  const found = /^points\/(full|changes)\/(\d{8}T\d{6}Z)\//.exec(key);
  return found ? { kind: found[1] as "full" | "changes", slot: found[2] } : { kind: undefined, slot: undefined };
}
