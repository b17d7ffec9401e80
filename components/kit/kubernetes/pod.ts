/** Settings common to all pods: the `restricted` Pod Security Standard and environment variables. */
import type * as pulumi from "@pulumi/pulumi";
import type * as k8s from "@pulumi/kubernetes/types/input.js";

export type PodSpec = k8s.core.v1.PodSpec;
export type Container = k8s.core.v1.Container;
export type Volume = k8s.core.v1.Volume;
export type EnvVar = k8s.core.v1.EnvVar;

/** Numeric, because the kubelet cannot verify `runAsNonRoot` for a user name. */
const unprivilegedUser = 65532;

/** Pod settings required by the `restricted` Pod Security Standard. */
export const podSecurity: k8s.core.v1.PodSecurityContext = {
  runAsNonRoot: true,
  runAsUser: unprivilegedUser,
  runAsGroup: unprivilegedUser,
  fsGroup: unprivilegedUser,
  // Changing the owner of every file on a large volume would delay each start of the database.
  fsGroupChangePolicy: "OnRootMismatch",
  seccompProfile: { type: "RuntimeDefault" },
};

/** Container settings required by the `restricted` Pod Security Standard. */
export const containerSecurity: k8s.core.v1.SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};

/** Variables with plain values, in the given order. */
export const env = (values: Record<string, pulumi.Input<string>>): EnvVar[] =>
  Object.entries(values).map(([name, value]) => ({ name, value }));

/** Variable from a key of a Secret in the same namespace. */
export const secretEnv = (name: string, secretName: string, key: string): EnvVar => ({
  name,
  valueFrom: { secretKeyRef: { name: secretName, key } },
});

/** Variable from a field of the pod, e.g. `status.podIP`. */
export const fieldEnv = (name: string, fieldPath: string): EnvVar => ({ name, valueFrom: { fieldRef: { fieldPath } } });

/** User name and password from a Secret with the keys `username` and `password`. */
export const credentialsEnv = (prefix: string, secretName: string): EnvVar[] => [
  secretEnv(`${prefix}_USERNAME`, secretName, "username"),
  secretEnv(`${prefix}_PASSWORD`, secretName, "password"),
];

/** Writable `/tmp`, since the root file system is read-only. */
export const temporaryFiles = {
  volume: { name: "tmp", emptyDir: {} },
  mount: { name: "tmp", mountPath: "/tmp" },
} as const;

/** Prevents node consolidation and node expiry from interrupting a run. */
export const doNotDisrupt = {
  "karpenter.sh/do-not-disrupt": "true",
  "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
} as const;

/**
 * By default Pulumi waits until a Service has ready endpoints. A pilot light has none; elsewhere Pulumi already waits
 * for the Deployment.
 */
export const skipAwait = { "pulumi.com/skipAwait": "true" } as const;
