/** State of a workload: up, or able to come up. */
import { readWorkload, type WorkloadView } from "../kubernetes-objects.ts";

/** Seconds after the end of an update in which pods may still become ready; equal to a Deployment's own limit. */
const settleSeconds = 180;

/** Whether all replicas of a workload run, in the active role if it has roles. */
export function isUp(object: unknown): boolean {
  const workload = readWorkload(object);
  if (typeof workload === "string") return false;
  const { kind, spec, status } = workload;
  const { replicas } = spec;
  if (!isCurrent(workload) || replicas === 0) return false;
  if (kind === "StatefulSet") return status.readyReplicas >= replicas;
  return (
    roleOf(workload) === "active" &&
    status.updatedReplicas >= replicas &&
    status.availableReplicas >= replicas &&
    status.replicas === status.updatedReplicas
  );
}

/** Why a workload that is not up cannot come up after the update has ended; undefined: it still may. */
export function whyNotComing(object: unknown, updateEndedAt: number): string | undefined {
  if (object === undefined) return "it was not deployed";
  const workload = readWorkload(object);
  const isSettled = Date.now() - updateEndedAt >= settleSeconds * 1000;
  // The next answer may be whole again.
  if (typeof workload === "string") return isSettled ? workload : undefined;
  const { kind, spec, status } = workload;
  const { replicas } = spec;
  if (kind === "Deployment" && roleOf(workload) !== "active") return "it was not updated to its active role";
  if (replicas === 0) return "it is scaled to 0";
  const stuck = status.conditions.find(
    ({ type, reason }) => type === "Progressing" && reason === "ProgressDeadlineExceeded",
  );
  if (stuck && isCurrent(workload)) return `its pods are not becoming ready: ${stuck.message}`;
  if (!isSettled) return undefined;
  return `${status.readyReplicas} of ${replicas} pods are ready, ${settleSeconds} s after the update ended`;
}

const isCurrent = ({ status, metadata }: WorkloadView): boolean => status.observedGeneration >= metadata.generation;

const roleOf = ({ spec }: WorkloadView): string | undefined =>
  spec.template?.spec.containers.flatMap(({ env }) => env).find(({ name }) => name === "SITE_ROLE")?.value ?? undefined;
