/** Reads the traces of job runs from a bucket, by key alone where that suffices. */
import { bucketKeys } from "../../contract/index.ts";
import { clockToleranceSeconds } from "../points/clock.ts";
import { slotOf, timeOfSlot } from "../points/slot.ts";
import type { PointStore } from "../points/store.ts";
import type { DueTimes, Traces } from "./overdue.ts";

/** Site of each piece of evidence, by key; evidence is immutable. */
export type KnownSites = Map<string, string | undefined>;

export async function readTraces(
  store: PointStore,
  site: string,
  due: DueTimes,
  known: KnownSites,
  now = Date.now(),
): Promise<Traces> {
  const lookBackSeconds = 2 * (due.fullIntervalSeconds + due.fullRunSeconds + due.replicationSeconds);
  const from = slotOf(new Date(now - lookBackSeconds * 1000));
  const newest = async (slots: Promise<string[]>): Promise<number[]> => times(await slots, now);
  const [full, changes, evidence, restoreTest, oldest] = await Promise.all([
    newest(store.slots("full", from)),
    newest(store.slots("changes", from)),
    newest(evidenceSlots(store, bucketKeys.standbyEvidencePrefix, from)),
    newestRestoreTest(store, site, due, known, now),
    oldestTrace(store, now),
  ]);
  return { full, changes, standbyEvidence: evidence.at(-1), restoreTest, oldest };
}

/** Times of slots, oldest first. Malformed and future slots are ignored. */
const times = (slots: readonly string[], now: number): number[] =>
  slots
    .flatMap((slot) => timeOfSlot(slot)?.getTime() ?? [])
    .filter((time) => time <= now + clockToleranceSeconds * 1000)
    .sort((a, b) => a - b);

const evidenceSlots = async (store: PointStore, prefix: string, from: string): Promise<string[]> =>
  (await store.keys(prefix, `${prefix}${from}`)).map((key) => key.slice(prefix.length).replace(/\.json$/, ""));

/**
 * Both sites run restore tests and each region holds replicas of the other's evidence; only the content names the site.
 */
async function newestRestoreTest(
  store: PointStore,
  site: string,
  due: DueTimes,
  known: KnownSites,
  now: number,
): Promise<number | undefined> {
  const prefix = bucketKeys.restoreEvidencePrefix;
  const lookBackSeconds = 2 * (due.restoreTestIntervalSeconds + due.restoreTestRunSeconds);
  const slots = await evidenceSlots(store, prefix, slotOf(new Date(now - lookBackSeconds * 1000)));
  for (const slot of slots.toReversed()) {
    const key = `${prefix}${slot}.json`;
    if (!known.has(key)) known.set(key, siteOf(await store.text(key)));
    if (known.get(key) === site) return times([slot], now).at(0);
  }
  return undefined;
}

/** Undefined: not evidence, so no trace of a test. */
function siteOf(text: string | undefined): string | undefined {
  try {
    const { site } = JSON.parse(text ?? "null") as { site?: unknown };
    return typeof site === "string" ? site : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Evidence outlives recovery points, so one of the two is as old as the stack, or older than any interval between runs.
 */
async function oldestTrace(store: PointStore, now: number): Promise<number | undefined> {
  const prefixes = [bucketKeys.fullPrefix, bucketKeys.standbyEvidencePrefix, bucketKeys.restoreEvidencePrefix];
  const first = await Promise.all(prefixes.map((prefix) => store.firstKey(prefix)));
  const slots = first.flatMap((key, index) => (key === undefined ? [] : (slotIn(key, prefixes[index]!) ?? [])));
  return times(slots, now).at(0);
}

const slotIn = (key: string, prefix: string): string | undefined => key.slice(prefix.length).split(/[/.]/)[0];
