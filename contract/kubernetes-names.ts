/** Kubernetes names inside the site's namespace, shared by components, jobs, policies and commands. */
export const kubernetesNames = {
  database: "surrealdb",
  databasePort: 8000,
  /** Secret with keys `username` and `password` of the database's root user. */
  databaseRootSecret: "surrealdb-root",
  /** Secret with keys `username` and `password` of the services' namespace-level user. */
  databaseUserSecret: "surrealdb-services",
  databasePrepare: "database-prepare",
  exportJob: "export",
  changeExportJob: "export-changes",
  restoreVerifyJob: "restore-verify",
  standbySync: "standby-sync",
  /** Suspended CronJob: the job template for the last catch-up import of a failover. */
  standbyPromote: "standby-promote",
  recoveryPointWatch: "recovery-point-watch",
  /** Takes the active site out of service once the other site has become the writer. */
  writerGuard: "writer-guard",
  /** Keeps the traffic switch where it is while the active site is the writer. */
  trafficWatch: "traffic-watch",
  /** ServiceAccount of continuity jobs without AWS permissions; for the others see `jobServiceAccount`. */
  jobsServiceAccount: "continuity-jobs",
  httpPort: 8080,
  /** StorageClass of the database's volume in a created cluster. */
  databaseStorageClass: "continuity-database",
  /** Main container of a continuity job; all others are sidecars. */
  jobContainer: "job",
  /** Sidecar of the restore test: the database that it restores to. */
  scratchDatabase: "scratch-database",
} as const;

/** ServiceAccount of the services that may read the access keys. */
export const servicesServiceAccount = "continuity-services";

/** Kubernetes workload of one service of the plan. */
export interface Workload {
  kind: "Deployment" | "StatefulSet";
  name: string;
}

/** Workload of a service; the single definition for components, failover gates and status. */
export const workloadOf = ({ id, holdsData }: { id: string; holdsData: boolean }): Workload =>
  holdsData ? { kind: "StatefulSet", name: kubernetesNames.database } : { kind: "Deployment", name: id };

/** TCP port of a service's pods; its Service and the network policies use the number, not the port's name. */
export const portOf = ({ holdsData, port }: { holdsData: boolean; port?: number | undefined }): number =>
  holdsData ? kubernetesNames.databasePort : (port ?? kubernetesNames.httpPort);

/** Variables that the program sets in every service's container; a plan may not set them. */
export const reservedVariables: readonly string[] = [
  "SITE",
  "SITE_ROLE",
  "SERVICE",
  "SERVICE_TIER",
  "PORT",
  "DATABASE_URL",
  "DATABASE_NAMESPACE",
  "DATABASE_USERNAME",
  "DATABASE_PASSWORD",
  "AWS_REGION",
  "ACCESS_KEYS_SECRET_ID",
];

/**
 * Names of the program's own workloads, jobs and images: a service of the plan
 * with such an id would replace one of them or share its pods.
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
  kubernetesNames.trafficWatch,
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
