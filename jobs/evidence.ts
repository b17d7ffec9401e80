/** Evidence: what was restored and verified, when, by whom. Written into a locked prefix, read by people and by the watch. */
import { bucketKeys } from "../plan/names.ts";
import type { PointStore } from "./points/store.ts";
import { slotOf } from "./points/slot.ts";
import { isDiverged } from "./points/truth.ts";

export interface Evidence {
  /** Which job found this out. */
  by: "standby-sync" | "restore-verify";
  site: "primary" | "alternate";
  kind: "full" | "changes";
  slot: string;
  /** The full export that the point builds on. */
  full: string;
  /** Of the site that wrote the point; missing in evidence from before it was noted. */
  epoch?: number;
  snapshotAt: string;
  verifiedAt: string;
  /** Whether everything was as the manifest says. */
  verified: boolean;
  /** What was not. */
  differences: string[];
  rows: number;
  tables: Record<string, { rows: number }>;
  /** How long each step took. */
  seconds: Record<string, number>;
  /** Bucket from which the point was read. */
  bucket: string;
}

export const restoreEvidenceKey = (time: Date): string => `${bucketKeys.restoreEvidencePrefix}${slotOf(time)}.json`;

/** Newest evidence first: enough to find the newest point although a late test may be of an older one. */
const looksBack = 5;
const recentSeconds = 2 * 86_400;

/** Evidence of the newest verified point that the bucket's writer lets count; undefined: there is none. */
export async function newestVerified(store: PointStore): Promise<Evidence | undefined> {
  const prefixes = [bucketKeys.standbyEvidencePrefix, bucketKeys.restoreEvidencePrefix];
  const found = await Promise.all(prefixes.map((prefix) => recentEvidence(store, prefix)));
  const writer = await store.writer();
  const counts = ({ verified, epoch, snapshotAt }: Evidence) =>
    verified && (epoch === undefined || !isDiverged({ epoch, snapshotAt }, writer));
  const verified = found.flat().filter(counts);
  return verified.toSorted((a, b) => a.snapshotAt.localeCompare(b.snapshotAt)).at(-1);
}

async function recentEvidence(store: PointStore, prefix: string): Promise<Evidence[]> {
  const since = slotOf(new Date(Date.now() - recentSeconds * 1000));
  const recent = await store.keys(prefix, `${prefix}${since}`);
  const keys = recent.length > 0 ? recent : await store.keys(prefix);
  const texts = await Promise.all(keys.slice(-looksBack).map((key) => store.text(key)));
  return texts.flatMap((text) => (text === undefined ? [] : [JSON.parse(text) as Evidence]));
}
