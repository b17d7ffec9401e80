/** Allowed fields and values of a job, its pod and its container: those with which the job is known to run. */
import { kubernetesNames, platformLimits } from "../../contract/index.ts";
import { any, atLeast, only, required, type Shape } from "./shape.ts";

/** Long enough to inspect the result of a run. */
const shortestKeptSeconds = 600;

/** A CronJob's `spec`. Other rules check schedule, suspension and overlap. */
export const cronJobShape: Shape = {
  schedule: any,
  timeZone: any,
  suspend: any,
  concurrencyPolicy: any,
  startingDeadlineSeconds: atLeast(
    platformLimits.kubernetes.shortestStartDeadlineSeconds,
    "or Kubernetes may miss every start",
  ),
  successfulJobsHistoryLimit: any,
  failedJobsHistoryLimit: any,
  jobTemplate: required(any),
};

/** A CronJob's `spec.jobTemplate.spec`. */
export const jobShape = (runTimeLimitSeconds: number): Shape => ({
  activeDeadlineSeconds: atLeast(runTimeLimitSeconds, "the run time limit of the plan"),
  backoffLimit: any,
  ttlSecondsAfterFinished: atLeast(shortestKeptSeconds, "or the result of a run cannot be inspected"),
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

/** A Deployment's `spec`. */
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

/** A pod's `spec`; containers and volumes have their own checks. */
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

/** A pod's `securityContext`, as the namespace's Pod Security level requires. */
export const podSecurityShape: Shape = {
  runAsNonRoot: required(only(true)),
  runAsUser: atLeast(1, "since the namespace does not admit root"),
  runAsGroup: any,
  fsGroup: any,
  fsGroupChangePolicy: any,
  seccompProfile: required(any),
};

/** A pod's `seccompProfile`. */
export const seccompShape: Shape = { type: required(only("RuntimeDefault")) };

/** A container's `securityContext`. */
export const containerSecurityShape: Shape = {
  allowPrivilegeEscalation: required(only(false)),
  privileged: only(false),
  readOnlyRootFilesystem: any,
  runAsNonRoot: only(true),
  capabilities: required(any),
};

/** The job's container; its arguments and environment are checked separately. */
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

/** A sidecar, which starts before the job's container and is stopped after it. */
export const sidecarShape = (name: string, image: string): Shape => ({
  name: required(only(name)),
  image: required(only(image)),
  // With any other value it must exit before the job starts, and a server never does.
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
