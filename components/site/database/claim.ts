/** The database's claim, which its StatefulSet creates once and never changes. */
import * as pulumi from "@pulumi/pulumi";
import { PersistentVolumeClaim } from "@pulumi/kubernetes/core/v1/persistentVolumeClaim.js";
import { bytesOf, describeProblem, kubernetesNames, problem, type SiteFacts } from "../../../contract/index.ts";

/** Name that a StatefulSet gives the claim of its first pod. */
const databaseClaim = `data-${kubernetesNames.database}-0`;

/**
 * Fails the update unless the live claim requests at least this much. Otherwise a larger size in the configuration would
 * look applied, and the volume would still be too small.
 */
export function claimIsExpanded({ namespace }: SiteFacts, storage: string, opts: pulumi.CustomResourceOptions): void {
  const live = PersistentVolumeClaim.get("database-claim", `${namespace}/${databaseClaim}`, opts);
  live.spec.apply(({ resources }) => refuseUnlessExpanded(namespace, storage, resources?.requests?.["storage"]));
}

export function refuseUnlessExpanded(namespace: string, storage: string, requested: string | undefined): void {
  if (requested !== undefined && bytesOf(requested) >= bytesOf(storage)) return;
  const patch = `'{"spec":{"resources":{"requests":{"storage":"${storage}"}}}}'`;
  const found = problem(
    "databaseStorage",
    storage,
    `must not exceed the claim ${namespace}/${databaseClaim}, which requests ${requested ?? "nothing"}`,
    `expand it first, without an outage: kubectl -n ${namespace} patch pvc ${databaseClaim} -p ${patch}`,
  );
  throw new pulumi.RunError(describeProblem(found));
}
