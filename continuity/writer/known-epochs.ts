/** The epochs that a new record must exceed. */
import { highestEpoch, isCredibleEpoch, judgePoint, newestManifests, type ReadableObjects } from "../../jobs/index.ts";
import { epochIn, type RecordView } from "./records.ts";
import type { StateView } from "./site-state.ts";

/** Recovery points checked per kind: the last writer wrote the newest ones. */
const newestPoints = 20;

/**
 * The highest credible epoch of records and databases; 0: there is none. An implausible one is what is being repaired.
 * Recovery points are only read if neither has an epoch: a recovery point's epoch is valid up to the record's and never
 * raises it.
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
      // Without a record, a recovery point whose record is still to arrive counts too.
      counts: (claimed) => judgePoint(claimed, undefined).is !== "rejected",
    }),
  );
  return (await Promise.all(looks)).flat().map(({ writer }) => writer.epoch);
}
