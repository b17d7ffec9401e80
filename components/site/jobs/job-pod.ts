/** The pod of one continuity job. */
import type * as pulumi from "@pulumi/pulumi";
import { jobServiceAccount, kubernetesNames, type JobKind, type SiteFacts } from "../../../contract/index.ts";
import {
  containerSecurity,
  doNotDisrupt,
  labelsOf,
  podSecurity,
  priorityClassName,
  resourcesOf,
  temporaryFiles,
  type Container,
  type EnvVar,
  type PodSpec,
  type Resources,
  type Volume,
} from "../../kit/kubernetes/index.ts";

/** Exit status of a job whose settings are wrong: trying again cannot help. */
export const badSettingsStatus = 2;

export interface JobPodArgs {
  /** The site on which the job runs. */
  facts: SiteFacts;
  /** Name of the job, e.g. `export`. */
  name: string;
  /** What the job may do in AWS: it gets the ServiceAccount of that kind, or one without any right. */
  identity: JobKind | "none";
  /** Image of the continuity jobs. */
  image: pulumi.Input<string>;
  /** Subcommand with its flags. */
  command: string[];
  env: EnvVar[];
  /**
   * What one container gets. A change is a change of the plan's run time too: measure both.
   * @default 250m CPU, 512Mi memory
   */
  resources?: Resources | undefined;
  /** Containers that start before the job and end after it. */
  sidecars?: Container[] | undefined;
  /** Volumes beside `/tmp`. */
  volumes?: Volume[] | undefined;
  restartPolicy: "Never" | "Always";
}

const defaultResources: Resources = { cpu: "250m", memory: "512Mi" };

export const jobPodMetadata = (name: string) => ({
  labels: labelsOf(name, "continuity"),
  annotations: { ...doNotDisrupt },
});

export function jobPod(args: JobPodArgs): PodSpec {
  return {
    serviceAccountName:
      args.identity === "none" ? kubernetesNames.jobsServiceAccount : jobServiceAccount(args.identity),
    // Credentials come from the pod's AWS identity; no job speaks to the Kubernetes API.
    automountServiceAccountToken: false,
    restartPolicy: args.restartPolicy,
    // The promise of the whole system hangs on these jobs, so they rank with the most critical tier.
    priorityClassName: priorityClassName(args.facts.namespace, 1),
    securityContext: podSecurity,
    initContainers: args.sidecars,
    containers: [
      {
        name: kubernetesNames.jobContainer,
        image: args.image,
        args: args.command,
        env: args.env,
        resources: resourcesOf(args.resources ?? defaultResources),
        securityContext: containerSecurity,
        volumeMounts: [temporaryFiles.mount],
      },
    ],
    volumes: [temporaryFiles.volume, ...(args.volumes ?? [])],
  };
}
