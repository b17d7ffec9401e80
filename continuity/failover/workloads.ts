/** Whether a workload of the cluster is up, or can still come up. */
import type { KubeObject } from "../kubernetes.ts";

/** Seconds after the end of an update in which pods may still become ready; as long as a Deployment's own limit. */
const settleSeconds = 180;

/** Whether a workload runs all its replicas, in the active role where it knows roles. */
export function isUp(workload: KubeObject): boolean {
  const { spec, status = {} } = workload;
  const replicas = spec.replicas ?? 1;
  if (!isCurrent(workload) || replicas === 0) return false;
  if (workload.kind === "StatefulSet") return (status.readyReplicas ?? 0) >= replicas;
  return (
    roleOf(workload) === "active" &&
    (status.updatedReplicas ?? 0) >= replicas &&
    (status.availableReplicas ?? 0) >= replicas &&
    (status.replicas ?? 0) === (status.updatedReplicas ?? 0)
  );
}

/** Why a workload that is not up will stay so now that the update ended; undefined while it may still come. */
export function whyNotComing(workload: KubeObject | undefined, updateEndedAt: number): string | undefined {
  if (workload === undefined) return "it was not deployed";
  const { spec, status = {} } = workload;
  const replicas = spec.replicas ?? 1;
  if (workload.kind === "Deployment" && roleOf(workload) !== "active") return "it was not switched to its active role";
  if (replicas === 0) return "it is scaled to 0";
  const stuck = status.conditions?.find(
    ({ type, reason }: KubeObject) => type === "Progressing" && reason === "ProgressDeadlineExceeded",
  );
  if (stuck && isCurrent(workload)) return `its pods do not become ready: ${stuck.message}`;
  if (Date.now() - updateEndedAt < settleSeconds * 1000) return undefined;
  return `${status.readyReplicas ?? 0} of ${replicas} pods are ready, ${settleSeconds} s after the update ended`;
}

const isCurrent = ({ status, metadata }: KubeObject): boolean =>
  (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);

const roleOf = (workload: KubeObject): string | undefined =>
  workload.spec.template.spec.containers
    .flatMap((container: KubeObject) => container.env ?? [])
    .find((entry: KubeObject) => entry.name === "SITE_ROLE")?.value;
