/** Every epoch that a new record must be above. */
import { highestEpoch, isCredibleEpoch, judgePoint, newestManifests, type ReadableObjects } from "../../jobs/index.ts";
import { epochIn, type RecordView } from "./records.ts";
import type { StateView } from "./site-state.ts";

/** Points of each kind that are looked at: whoever wrote last wrote the newest ones. */
const newestPoints = 20;

/**
 * The highest credible epoch of records and databases; 0: there is none. An incredible one is what is mended here. Points
 * are asked only where neither says anything: a point's epoch is believed up to the record's, and never raises it.
 */
export async function highestKnownEpoch(
  objects: ReadableObjects,
  records: readonly RecordView[],
  states: readonly StateView[],
): Promise<number> {
  const known = [
    ...records.flatMap(({ writer, unreadable }) => (writer ? [writer.epoch] : epochIn(unreadable))),
    ...states.flatMap(({ state }) => state?.epoch ?? []),
  ].filter(isCredibleEpoch);
  return highestEpoch(known.length > 0 ? known : await epochsOfPoints(objects));
}

async function epochsOfPoints(objects: ReadableObjects): Promise<number[]> {
  const looks = (["full", "changes"] as const).map((kind) =>
    newestManifests(objects, kind, {
      count: newestPoints,
      // No record is known here, so a point whose record is still to come counts.
      counts: (claimed) => judgePoint(claimed, undefined).is !== "rejected",
    }),
  );
  return (await Promise.all(looks)).flat().map(({ writer }) => writer.epoch);
}
