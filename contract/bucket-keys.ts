/** Object keys in a recovery-point bucket. */

/** Keys in a recovery-point bucket. */
export const bucketKeys = {
  fullPrefix: "points/full/",
  changesPrefix: "points/changes/",
  standbyEvidencePrefix: "evidence/standby-sync/",
  restoreEvidencePrefix: "evidence/restore-verify/",
  failoverEvidencePrefix: "evidence/failover/",
  /** Who set the writer record by hand, and why. */
  writerEvidencePrefix: "evidence/writer/",
  /** Names the site whose exports count; an export job of any other site refuses to run. */
  writer: "control/writer.json",
  /** What people decided about suspicious points: `<kind>-<slot>.json` of the first point of a series. */
  decisionsPrefix: "control/decisions/",
  manifest: "manifest.json",
} as const;

/** Key of the evidence that the standby restored and verified the recovery point of that slot. */
export const standbyEvidenceKey = (slot: string): string => `${bucketKeys.standbyEvidencePrefix}${slot}.json`;
