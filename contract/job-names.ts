/** The continuity jobs: their kinds, identities and command lines. */
import { kubernetesNames } from "./kubernetes-names.ts";
import type { SiteName, Topology } from "./topology.ts";

/** Kinds of continuity jobs by AWS permissions; each kind has its own ServiceAccount and IAM role. */
export const jobKinds = ["export", "standby-sync", "restore-verify", "promote", "watch", "guard", "switch"] as const;

export type JobKind = (typeof jobKinds)[number];

/** Name of the ServiceAccount of one job kind. */
export const jobServiceAccount = (kind: JobKind): string => `continuity-${kind}`;

/** Name of the IAM role of one job kind at one site. */
export const jobRoleName = (topology: Topology, site: SiteName, kind: JobKind): string =>
  `${topology.namePrefix}-${kind}-${site}`;

/** Arguments of each job's container, appended to the image's entry point. */
export const jobCommands = {
  [kubernetesNames.exportJob]: ["export"],
  [kubernetesNames.changeExportJob]: ["export", "--changes"],
  [kubernetesNames.restoreVerifyJob]: ["restore-verify"],
  [kubernetesNames.standbyPromote]: ["standby-sync", "--once", "--promote"],
  [kubernetesNames.standbySync]: ["standby-sync"],
  [kubernetesNames.recoveryPointWatch]: ["recovery-point-watch"],
  [kubernetesNames.writerGuard]: ["writer-guard"],
  [kubernetesNames.trafficWatch]: ["traffic-watch"],
} as const;

/** Kind of each job. */
export const kindOfJob = {
  [kubernetesNames.exportJob]: "export",
  [kubernetesNames.changeExportJob]: "export",
  [kubernetesNames.restoreVerifyJob]: "restore-verify",
  [kubernetesNames.standbyPromote]: "promote",
  [kubernetesNames.standbySync]: "standby-sync",
  [kubernetesNames.recoveryPointWatch]: "watch",
  [kubernetesNames.writerGuard]: "guard",
  [kubernetesNames.trafficWatch]: "switch",
} as const satisfies Record<keyof typeof jobCommands, JobKind>;
