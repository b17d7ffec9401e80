/** Public API of the jobs: settings, results, and reading recovery points. */
export { standbyEvidenceKey } from "../contract/index.ts";
export type { Evidence } from "./evidence.ts";
export { parseManifest, type ChangesManifest, type FullManifest, type Manifest } from "./points/manifest.ts";
export { newestManifests } from "./points/newest.ts";
export { slotOf } from "./points/slot.ts";
export type { Catalogue } from "./points/catalogue.ts";
export { readCatalogue } from "./points/read-catalogue.ts";
export { decisionKey, readDecision, trusted, type Decision } from "./points/decisions.ts";
export {
  ConditionFailed,
  objectsIn,
  timeAt,
  type Condition,
  type ConditionalObjects,
  type ReadableObjects,
} from "./points/objects.ts";
export { firstEpoch, highestEpoch, isCredibleEpoch, newestRecord } from "./points/epochs.ts";
export type { Point } from "./points/point.ts";
export { judgePoint } from "./points/validity.ts";
export { manifestKey } from "./points/store.ts";
export { isVerified, newestVerified, verifiedPoint, type RefusedEvidence } from "./verified-points.ts";
export {
  readWriter,
  replaceWriter,
  standingOf,
  writeWriter,
  WriterRecordError,
  type VersionedWriter,
  type Standing,
  type Writer,
} from "./points/writer.ts";
