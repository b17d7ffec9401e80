/** State of each recovery point of the last day, as the standby evaluates it. */
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
  /** Undefined: the key is not that of a recovery point. */
  slot: string | undefined;
  key: string;
  /**
   * `verified`: restored by the standby, with evidence. `usable`: can be restored. `suspicious`: awaits a decision.
   * `held`: builds on a suspicious or rejected one. `rejected`: never used. `arriving`: parts or parents may still be
   * replicating. `refused`: bad.
   */
  state: "verified" | "usable" | "suspicious" | "held" | "rejected" | "arriving" | "refused";
  snapshotAt: string | undefined;
  why: string[];
}

/** Period of the list; extended to the newest usable full export. */
const listedSeconds = 86_400;

/** Newest last; keys that are not recovery points come first. */
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

/** The object in the bucket is bad or incomplete now, but the database restored from it earlier is not. */
const keptByStandby = "verified earlier: the standby still has it, and a failover can use it";

const unusable = ({ refused, waiting }: Catalogue) => [
  ...refused.map((refusal) => ({ ...refusal, state: "refused" as const })),
  ...waiting.map((refusal) => ({ ...refusal, state: "arriving" as const })),
];

/** Recovery points that the standby can reach without passing one that was not accepted. */
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
    : { ...common, state: "held", why: ["its predecessor is not used"] };
}

function nameOf(key: string): Pick<PointState, "kind" | "slot"> {
  const found = /^points\/(full|changes)\/(\d{8}T\d{6}Z)\//.exec(key);
  return found ? { kind: found[1] as "full" | "changes", slot: found[2] } : { kind: undefined, slot: undefined };
}
