/** Every epoch that a new record must be above. */
import {
  isCredibleEpoch,
  originOfPoint,
  readManifest,
  timeOfSlot,
  whyNotTrue,
  type ReadableObjects,
} from "../../jobs/index.ts";
import { bucketKeys } from "../../plan/names.ts";
import { epochIn, type RecordView } from "./records.ts";
import type { StateView } from "./site-state.ts";

/** Points of each kind that are looked at: whoever wrote last wrote the newest ones. */
const newestPoints = 20;

/** The highest credible epoch of records, databases and points; 0: there is none. An incredible one is what is mended here. */
export async function highestEpoch(
  objects: ReadableObjects,
  records: readonly RecordView[],
  states: readonly StateView[],
): Promise<number> {
  const known = [
    ...records.flatMap(({ writer, unreadable }) => (writer ? [writer.epoch] : epochIn(unreadable))),
    ...states.flatMap(({ state }) => state?.epoch ?? []),
    ...(await epochsOfPoints(objects)),
  ];
  return Math.max(0, ...known.filter(isCredibleEpoch));
}

async function epochsOfPoints(objects: ReadableObjects): Promise<number[]> {
  const looks = (["full", "changes"] as const).map(async (kind) => {
    const prefix = kind === "full" ? bucketKeys.fullPrefix : bucketKeys.changesPrefix;
    const slots = (await objects.keys(prefix)).map((key) => key.slice(prefix.length).split("/")[0] ?? "");
    const newest = [...new Set(slots)].filter((slot) => timeOfSlot(slot)).slice(-newestPoints);
    return Promise.all(newest.map((slot) => readManifest(objects, kind, slot)));
  });
  const manifests = (await Promise.all(looks)).flat().flatMap((read) => read?.manifest ?? []);
  return manifests
    .map(originOfPoint)
    .filter((origin) => !whyNotTrue(origin, undefined))
    .map(({ epoch }) => epoch);
}
