/** What AWS and Kubernetes promise, ask for and refuse: fixed by the platform, so neither plan nor configuration holds it. */

export const platformLimits = {
  s3: {
    /** Minutes within which Replication Time Control promises a copy; S3 accepts no other figure. */
    replicationTimeMinutes: 15,
    /** Days of STANDARD_IA that are billed at least; an earlier transition is refused. */
    infrequentAccessMinimumDays: 30,
  },
  cloudWatch: {
    /** Seconds of the shortest period of a standard-resolution metric. */
    shortestPeriodSeconds: 60,
    /** Seconds that an alarm looks back at most. */
    longestLookBackSeconds: 86_400,
  },
  route53: {
    /** Region of its metrics, whatever the sites' regions are. */
    metricsRegion: "us-east-1",
    /** Seconds between two health checks: there is no other interval. */
    healthCheckIntervalsSeconds: [10, 30],
    /** Failed checks in a row that it counts. */
    mostFailures: 10,
    /** Seconds of which an alarm's period must be a multiple: it follows none on a high-resolution metric. */
    alarmPeriodSeconds: 60,
  },
  /** Days that a deleted secret or key can be restored for: the most that either service has. */
  deletionWindowDays: { secretsManager: 30, kms: 30 },
  kubernetes: {
    /** Seconds between two looks of the CronJob controller; with a shorter deadline it may find every start missed. */
    shortestStartDeadlineSeconds: 10,
  },
} as const;
