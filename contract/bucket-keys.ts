/** Object keys in a recovery-point bucket. */
export const bucketKeys = {
  fullPrefix: "points/full/",
  changesPrefix: "points/changes/",
  standbyEvidencePrefix: "evidence/standby-sync/",
  restoreEvidencePrefix: "evidence/restore-verify/",
  failoverEvidencePrefix: "evidence/failover/",
  /** Evidence of manual changes of the writer record: who and why. */
  writerEvidencePrefix: "evidence/writer/",
  /** Writer record: names the site whose exports count; an export job of the other site refuses to run. */
  writer: "control/writer.json",
  /** Operators' decisions on suspicious points: `<kind>-<slot>.json` of the first point of a series. */
  decisionsPrefix: "control/decisions/",
  manifest: "manifest.json",
} as const;

/** Key of the evidence that the standby restored and verified a slot's recovery point. */
export const standbyEvidenceKey = (slot: string): string => `${bucketKeys.standbyEvidencePrefix}${slot}.json`;
