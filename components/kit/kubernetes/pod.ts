/** What every pod of this project has in common: the `restricted` security level, and environment entries. */
import type * as pulumi from "@pulumi/pulumi";
import type * as k8s from "@pulumi/kubernetes/types/input.js";

export type PodSpec = k8s.core.v1.PodSpec;
export type Container = k8s.core.v1.Container;
export type Volume = k8s.core.v1.Volume;
export type EnvVar = k8s.core.v1.EnvVar;

/** Numeric, because the kubelet cannot tell whether a user by name is root. */
const unprivilegedUser = 65532;

/** Pod settings that the security level `restricted` asks for. */
export const podSecurity: k8s.core.v1.PodSecurityContext = {
  runAsNonRoot: true,
  runAsUser: unprivilegedUser,
  runAsGroup: unprivilegedUser,
  fsGroup: unprivilegedUser,
  // Changing the owner of every file of a large volume would hold up each start of the database.
  fsGroupChangePolicy: "OnRootMismatch",
  seccompProfile: { type: "RuntimeDefault" },
};

/** Container settings that the security level `restricted` asks for. */
export const containerSecurity: k8s.core.v1.SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};

/** Plain values, in their order. */
export const env = (values: Record<string, pulumi.Input<string>>): EnvVar[] =>
  Object.entries(values).map(([name, value]) => ({ name, value }));

/** A key of a Secret of the same namespace. */
export const secretEnv = (name: string, secretName: string, key: string): EnvVar => ({
  name,
  valueFrom: { secretKeyRef: { name: secretName, key } },
});

/** A fact about the pod itself, e.g. `status.podIP`. */
export const fieldEnv = (name: string, fieldPath: string): EnvVar => ({ name, valueFrom: { fieldRef: { fieldPath } } });

/** User name and password from a Secret with the keys `username` and `password`. */
export const credentialsEnv = (prefix: string, secretName: string): EnvVar[] => [
  secretEnv(`${prefix}_USERNAME`, secretName, "username"),
  secretEnv(`${prefix}_PASSWORD`, secretName, "password"),
];

/** Room for temporary files, since the root file system is read-only. */
export const temporaryFiles = {
  volume: { name: "tmp", emptyDir: {} },
  mount: { name: "tmp", mountPath: "/tmp" },
} as const;

/** Keeps node consolidation and the daily replacement of nodes from ending a run that is half done. */
export const doNotDisrupt = {
  "karpenter.sh/do-not-disrupt": "true",
  "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
} as const;

/**
 * Pulumi waits for a Service until pods answer behind it. A pilot light has none, and the
 * Deployments that do have pods are waited for themselves.
 */
export const skipAwait = { "pulumi.com/skipAwait": "true" } as const;
