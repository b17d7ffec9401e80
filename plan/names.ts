/**
 * Names that more than one stack, job or command must agree on. Each is a pure
 * function of configuration, so that neither stack reads the other's state.
 */

/** Which of the two regions a stack owns. */
export type SiteName = "primary" | "alternate";

/** What a site does now: the one setting that a switch of regions changes. */
export type Role = "active" | "standby" | "isolated";

export interface Topology {
  /** Prefix of every physical name; lower-case letters, digits and hyphens, 3 to 24 characters. */
  namePrefix: string;
  /** AWS region of the primary site, e.g. `eu-west-1`. */
  primaryRegion: string;
  /** AWS region of the alternate site; never the primary's. */
  alternateRegion: string;
}

export const regionOf = (topology: Topology, site: SiteName): string =>
  site === "primary" ? topology.primaryRegion : topology.alternateRegion;

export const otherSite = (site: SiteName): SiteName => (site === "primary" ? "alternate" : "primary");

/** The site whose exports count: this one when it is active, the other one otherwise. */
export const writingSite = (site: SiteName, role: Role): SiteName => (role === "active" ? site : otherSite(site));

/** How a site answers at its load balancer. */
export interface SiteEndpoint {
  scheme: "http" | "https";
  port: number;
}

/**
 * TLS where the site's stack names a certificate, plain HTTP otherwise. Both sites need the same: users come to the
 * public name in one way, whichever site it leads to.
 */
export const siteEndpoint = (certificateArn: string | undefined): SiteEndpoint =>
  certificateArn === undefined ? { scheme: "http", port: 80 } : { scheme: "https", port: 443 };

/** Bucket that keeps one region's copy of every recovery point. */
export const recoveryPointBucket = (topology: Topology, site: SiteName): string =>
  `${topology.namePrefix}-recovery-points-${regionOf(topology, site)}`;

/** Secrets Manager secret (same name in both regions) with the real key of every database access, as a JSON object. */
export const accessKeysSecret = (topology: Topology): string => `${topology.namePrefix}/database-access-keys`;

/** What a continuity job does in AWS; each kind has a ServiceAccount and a role of its own, with no right of another kind. */
export const jobKinds = ["export", "standby-sync", "restore-verify", "promote", "watch", "guard"] as const;
export type JobKind = (typeof jobKinds)[number];

/** ServiceAccount of one kind of continuity job. */
export const jobServiceAccount = (kind: JobKind): string => `continuity-${kind}`;

/** IAM role of one kind of continuity job of one site. */
export const jobRoleName = (topology: Topology, site: SiteName, kind: JobKind): string =>
  `${topology.namePrefix}-${kind}-${site}`;

/** Where the images of services and jobs come from, unless the stack's configuration names another place. */
export const defaultImages = {
  imageRegistry: "registry.vapora.example/vapora",
  imageTag: "1.0.0",
  databaseImage: "surrealdb/surrealdb:v3.0.3",
} as const;

/** Image of the continuity jobs. */
export const jobsImage = (images: { imageRegistry: string; imageTag: string }): string =>
  `${images.imageRegistry}/continuity-jobs:${images.imageTag}`;

/** Alarm in the alternate region whose ALARM state sends traffic to the alternate site. */
export const trafficSwitchAlarm = (topology: Topology): string => `${topology.namePrefix}-alternate-serves-traffic`;

/** SNS topic for continuity alarms of one region. */
export const alarmTopic = (topology: Topology): string => `${topology.namePrefix}-continuity-alarms`;

/** CloudWatch namespace of every metric that this project publishes. */
export const metricNamespace = "VaporaContinuity";

/** Metrics; each has the one dimension `Application` with the name prefix as its value. */
export const metrics = {
  /** 1 sends traffic to the alternate site, 0 to the primary. */
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
  /** Manifests, points, pieces of evidence and records that the last look into the bucket refused. */
  refusedRecoveryPoints: "RefusedRecoveryPoints",
  /** Recovery points marked as suspicious about which nobody has decided yet. */
  suspiciousRecoveryPoints: "SuspiciousRecoveryPoints",
  /** Continuity jobs of the site that have missed a run. */
  overdueJobs: "OverdueJobs",
} as const;

/** Dimension of every metric. */
export const metricDimension = "Application";

/** Seconds after which a site that can read a newer writer record of another one acknowledges no write any more. */
export const writesStopWithinSeconds = 30;

/** Part of the user agent of the guard's calls: it looks into both regions all the time, and nothing waits for it. */
export const writerGuardAgent = "continuity-writer-guard";

/** Kubernetes names inside the site's namespace. */
export const kubernetesNames = {
  namespace: "vapora",
  database: "surrealdb",
  databasePort: 8000,
  /** Secret with keys `username` and `password` of the database's root user. */
  databaseRootSecret: "surrealdb-root",
  /** Secret with keys `username` and `password` of the namespace-level user that the services sign in as. */
  databaseUserSecret: "surrealdb-services",
  databasePrepare: "database-prepare",
  exportJob: "export",
  changeExportJob: "export-changes",
  restoreVerifyJob: "restore-verify",
  standbySync: "standby-sync",
  /** Suspended CronJob: the template of the last catch-up import that a failover runs. */
  standbyPromote: "standby-promote",
  recoveryPointWatch: "recovery-point-watch",
  /** Takes the active site out of service when another one has become the writer. */
  writerGuard: "writer-guard",
  /** ServiceAccount of a continuity job that needs nothing of AWS; of the others see `jobServiceAccount`. */
  jobsServiceAccount: "continuity-jobs",
  /** Service that takes a site's traffic. */
  entryService: "backend-api",
  httpPort: 8080,
  /** Container that does a continuity job's work; others only help it. */
  jobContainer: "job",
  /** Sidecar of the restore test: the database into which it restores. */
  scratchDatabase: "scratch-database",
} as const;

/** What runs one service of the plan. */
export interface Workload {
  kind: "Deployment" | "StatefulSet";
  name: string;
}

/** The workload that the program deploys for a service: gates, status and components all ask here. */
export const workloadOf = ({ id, holdsData }: { id: string; holdsData: boolean }): Workload =>
  holdsData ? { kind: "StatefulSet", name: kubernetesNames.database } : { kind: "Deployment", name: id };

/**
 * Names that the program's own workloads, jobs and images have: a service of
 * the plan with such an id would replace one of them, or share its pods.
 */
export const reservedNames: readonly string[] = [
  kubernetesNames.database,
  kubernetesNames.databasePrepare,
  kubernetesNames.exportJob,
  kubernetesNames.changeExportJob,
  kubernetesNames.restoreVerifyJob,
  kubernetesNames.standbySync,
  kubernetesNames.standbyPromote,
  kubernetesNames.recoveryPointWatch,
  kubernetesNames.writerGuard,
  kubernetesNames.jobsServiceAccount,
];

/** Labels that policies and operators read. */
export const labels = {
  /** `primary` or `alternate`; on the namespace. */
  site: "continuity.vapora/site",
  /** `active`, `standby` or `isolated`; on the namespace. */
  role: "continuity.vapora/role",
  /** Tier of a service, 1 the most critical. */
  tier: "continuity.vapora/tier",
  /** Name of the application; also its pods' selector. */
  name: "app.kubernetes.io/name",
} as const;

/** What each job's container runs: the words after the image's own entry point. */
export const jobCommands = {
  [kubernetesNames.exportJob]: ["export"],
  [kubernetesNames.changeExportJob]: ["export", "--changes"],
  [kubernetesNames.restoreVerifyJob]: ["restore-verify"],
  [kubernetesNames.standbyPromote]: ["standby-sync", "--once", "--promote"],
  [kubernetesNames.standbySync]: ["standby-sync"],
  [kubernetesNames.recoveryPointWatch]: ["recovery-point-watch"],
  [kubernetesNames.writerGuard]: ["writer-guard"],
} as const;

/** The kind of each of those jobs. */
export const kindOfJob = {
  [kubernetesNames.exportJob]: "export",
  [kubernetesNames.changeExportJob]: "export",
  [kubernetesNames.restoreVerifyJob]: "restore-verify",
  [kubernetesNames.standbyPromote]: "promote",
  [kubernetesNames.standbySync]: "standby-sync",
  [kubernetesNames.recoveryPointWatch]: "watch",
  [kubernetesNames.writerGuard]: "guard",
} as const satisfies Record<keyof typeof jobCommands, JobKind>;

/** SurrealDB names. */
export const databaseNames = {
  namespace: "vapora",
  /** Database of the active site until a restore gives it another generation. */
  initialDatabase: "main",
  /** Database beside the data: holds the record `site:state` and nothing that is exported. */
  continuityDatabase: "continuity",
  siteStateRecord: "site:state",
} as const;

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
