/** Limits and guarantees of AWS and Kubernetes: fixed by the platform, so not part of plan or configuration. */

export const platformLimits = {
  s3: {
    /** Bound of Replication Time Control, in minutes; S3 accepts no other value. */
    replicationTimeMinutes: 15,
    /** Minimum storage duration billed for STANDARD_IA, in days; S3 refuses an earlier transition. */
    infrequentAccessMinimumDays: 30,
  },
  cloudWatch: {
    /** Shortest period of a standard-resolution metric, in seconds. */
    shortestPeriodSeconds: 60,
    /** Longest evaluation window of an alarm, in seconds. */
    longestLookBackSeconds: 86_400,
  },
  route53: {
    /** Region of its metrics, regardless of the sites' regions. */
    metricsRegion: "us-east-1",
    /** The only intervals of health checks, in seconds. */
    healthCheckIntervalsSeconds: [10, 30],
    /** Maximum failure threshold: failed checks in a row. */
    mostFailures: 10,
    /** An alarm's period must be a multiple, in seconds: high-resolution metrics are not supported. */
    alarmPeriodSeconds: 60,
  },
  /** Recovery window of a deleted secret or key, in days: the maximum of each service. */
  deletionWindowDays: { secretsManager: 30, kms: 30 },
  kubernetes: {
    /** Check interval of the CronJob controller, in seconds; with a shorter deadline it may miss every start. */
    shortestStartDeadlineSeconds: 10,
  },
} as const;
