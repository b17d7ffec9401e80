/** Which fields of a job, its pod and its container are known to let it run and do its work. */
import { kubernetesNames, platformLimits } from "../../contract/index.ts";
import { any, atLeast, only, required, type Shape } from "./shape.ts";

/** Long enough to read how a run ended. */
const shortestKeptSeconds = 600;

/** Of `spec`. Schedule, suspension and overlap are other rules' business. */
export const cronJobShape: Shape = {
  schedule: any,
  timeZone: any,
  suspend: any,
  concurrencyPolicy: any,
  startingDeadlineSeconds: atLeast(
    platformLimits.kubernetes.shortestStartDeadlineSeconds,
    "or Kubernetes may find every start missed",
  ),
  successfulJobsHistoryLimit: any,
  failedJobsHistoryLimit: any,
  jobTemplate: required(any),
};

/** Of `spec.jobTemplate.spec`. */
export const jobShape = (runTimeLimitSeconds: number): Shape => ({
  activeDeadlineSeconds: atLeast(runTimeLimitSeconds, "the time that the plan gives a run"),
  backoffLimit: any,
  ttlSecondsAfterFinished: atLeast(shortestKeptSeconds, "or nobody can read how a run ended"),
  podFailurePolicy: any,
  podReplacementPolicy: any,
  suspend: only(false),
  parallelism: only(1),
  completions: only(1),
  completionMode: only("NonIndexed"),
  manualSelector: only(false),
  managedBy: only("kubernetes.io/job-controller"),
  template: required(any),
});

/** Of a Deployment's `spec`. */
export const deploymentShape = (replicas: number): Shape => ({
  replicas: required(only(replicas)),
  paused: only(false),
  selector: any,
  strategy: any,
  minReadySeconds: any,
  revisionHistoryLimit: any,
  progressDeadlineSeconds: any,
  template: required(any),
});

/** Of a pod's `spec`; lists of containers and volumes have shapes of their own. */
export const podShape = (serviceAccount: string, priorityClasses: readonly string[]): Shape => ({
  serviceAccountName: required(only(serviceAccount)),
  serviceAccount: only(serviceAccount),
  priorityClassName: only(...priorityClasses),
  schedulerName: only("default-scheduler"),
  dnsPolicy: only("ClusterFirst", "Default"),
  hostNetwork: only(false),
  hostPID: only(false),
  hostIPC: only(false),
  automountServiceAccountToken: any,
  restartPolicy: any,
  securityContext: required(any),
  terminationGracePeriodSeconds: any,
  enableServiceLinks: any,
  preemptionPolicy: any,
  priority: any,
  tolerations: any,
  imagePullSecrets: any,
  initContainers: any,
  containers: required(any),
  volumes: any,
});

/** Of the `securityContext` of a pod: the namespace admits no other. */
export const podSecurityShape: Shape = {
  runAsNonRoot: required(only(true)),
  runAsUser: atLeast(1, "as the namespace admits no root"),
  runAsGroup: any,
  fsGroup: any,
  fsGroupChangePolicy: any,
  seccompProfile: required(any),
};

/** Of its `seccompProfile`. */
export const seccompShape: Shape = { type: required(only("RuntimeDefault")) };

/** Of the `securityContext` of a container. */
export const containerSecurityShape: Shape = {
  allowPrivilegeEscalation: required(only(false)),
  privileged: only(false),
  readOnlyRootFilesystem: any,
  runAsNonRoot: only(true),
  capabilities: required(any),
};

/** Of the container that does the work; its arguments and its environment are compared one by one. */
export const containerShape = (image: string): Shape => ({
  name: required(only(kubernetesNames.jobContainer)),
  image: required(only(image)),
  imagePullPolicy: only("IfNotPresent", "Always"),
  args: required(any),
  env: required(any),
  resources: any,
  securityContext: required(any),
  volumeMounts: any,
  terminationMessagePath: any,
  terminationMessagePolicy: any,
});

/** Of a container that starts before the work and is stopped after it. */
export const sidecarShape = (name: string, image: string): Shape => ({
  name: required(only(name)),
  image: required(only(image)),
  // Anything else has to end before the job begins, and may not.
  restartPolicy: required(only("Always")),
  imagePullPolicy: only("IfNotPresent", "Always"),
  args: required(any),
  env: any,
  ports: any,
  resources: any,
  startupProbe: any,
  readinessProbe: any,
  livenessProbe: any,
  securityContext: required(any),
  volumeMounts: any,
  terminationMessagePath: any,
  terminationMessagePolicy: any,
});
