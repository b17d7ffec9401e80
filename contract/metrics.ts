/** CloudWatch metrics that the jobs publish and the alarms read. */

/** CloudWatch namespace of every metric that this project publishes, except for the traffic switch. */
export const metricNamespace = "VaporaContinuity";

/**
 * Namespace of `alternateServesTraffic` alone. PutMetricData can be restricted by namespace only, so a namespace of its
 * own is what keeps every other role from moving users.
 */
export const switchMetricNamespace = "VaporaContinuity/TrafficSwitch";

/** Metric names; each metric has a single dimension, `Application`, with the name prefix as value. */
export const metrics = {
  /** 1 routes traffic to the alternate site, 0 to the primary; in `switchMetricNamespace`. */
  alternateServesTraffic: "AlternateServesTraffic",
  /** Seconds since the snapshot of the newest recovery point that was restored and verified. */
  verifiedRecoveryPointAge: "VerifiedRecoveryPointAgeSeconds",
  /** 1 for each full export that became a recovery point. */
  exportSucceeded: "ExportSucceeded",
  /** 1 for each change export that became part of a recovery point. */
  changeExportSucceeded: "ChangeExportSucceeded",
  /** 1 for a restore test in which everything matched, 0 for one in which anything differed. */
  restoreVerified: "RestoreVerified",
  /** 1 for each recovery point that was imported into the standby database and verified. */
  standbySynced: "StandbySynced",
  /** Manifests, points, evidence and writer records that were refused in the last check of the bucket. */
  refusedRecoveryPoints: "RefusedRecoveryPoints",
  /** Recovery points marked as suspicious and not yet decided on. */
  suspiciousRecoveryPoints: "SuspiciousRecoveryPoints",
  /** Continuity jobs of the site that have missed a run. */
  overdueJobs: "OverdueJobs",
} as const;

/** Dimension of every metric. */
export const metricDimension = "Application";
