/** The state of each recovery point of the last day, as the standby sees it. */
import {
  readCatalogue,
  readWriter,
  slotOf,
  standbyEvidenceKey,
  trusted,
  verifiedPoint,
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
  const isVerified = async ({ kind, slot }: Pick<PointState, "kind" | "slot">): Promise<boolean> => {
    if (slot === undefined || !proved.has(standbyEvidenceKey(slot))) return false;
    return (await verifiedPoint(objects, site, slot).catch(() => undefined))?.kind === kind;
  };
  const free = reachable(catalogue);
  const usable: PointState[] = [];
  for (const point of catalogue.points) {
    usable.push(stateOf(point, catalogue, { verified: await isVerified(point), isFree: free.has(point) }));
  }
  const bad: PointState[] = [];
  for (const { key, reason, state } of unusable(catalogue)) {
    const name = nameOf(key);
    const why = (await isVerified(name)) ? [reason, keptByStandby] : [reason];
    bad.push({ ...name, key, state, snapshotAt: undefined, why });
  }
  const named = new Set(bad.map(({ key }) => key));
  return [...bad, ...usable.filter(({ key }) => !named.has(key))].sort((a, b) =>
    (a.slot ?? "").localeCompare(b.slot ?? ""),
  );
}

/** The copy in the bucket is bad or incomplete now, the database that was restored from it before is not. */
const keptByStandby = "verified before: the standby still holds it, and a failover counts on it";

const unusable = ({ refused, waiting }: Catalogue) => [
  ...refused.map((refusal) => ({ ...refusal, state: "refused" as const })),
  ...waiting.map((refusal) => ({ ...refusal, state: "arriving" as const })),
];

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
