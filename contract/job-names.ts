/** The continuity jobs: their kinds, identities and command lines. */
import { kubernetesNames } from "./kubernetes-names.ts";
import type { SiteName, Topology } from "./topology.ts";

/** What a continuity job does in AWS; each kind has a ServiceAccount and a role of its own, with no right of another kind. */
export const jobKinds = ["export", "standby-sync", "restore-verify", "promote", "watch", "guard"] as const;

export type JobKind = (typeof jobKinds)[number];

/** ServiceAccount of one kind of continuity job. */
export const jobServiceAccount = (kind: JobKind): string => `continuity-${kind}`;

/** IAM role of one kind of continuity job of one site. */
export const jobRoleName = (topology: Topology, site: SiteName, kind: JobKind): string =>
  `${topology.namePrefix}-${kind}-${site}`;

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
