/** The pod of one continuity job. */
import type * as pulumi from "@pulumi/pulumi";
import {
  jobCommands,
  jobServiceAccount,
  kindOfJob,
  kubernetesNames,
  type JobKind,
  type SiteFacts,
} from "../../../contract/index.ts";
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

/** Exit status of a job with invalid settings: a retry cannot succeed. */
export const badSettingsStatus = 2;

export interface JobPodArgs {
  /** The site on which the job runs. */
  facts: SiteFacts;
  /** Name of the job, e.g. `export`. */
  name: string;
  /** Selects the ServiceAccount, and with it the job's AWS permissions; `none`: no AWS permissions. */
  identity: JobKind | "none";
  /** Image of the continuity jobs. */
  image: pulumi.Input<string>;
  /** Arguments of the image's entry point: subcommand and flags. */
  command: string[];
  /** Environment of the job's container. */
  env: EnvVar[];
  /**
   * CPU and memory of the job's container. They affect the run time: measure it before changing them.
   * @default 250m CPU, 512Mi memory
   */
  resources?: Resources | undefined;
  /** Containers that start before the job and stop after it. */
  sidecars?: Container[] | undefined;
  /** Volumes in addition to `/tmp`. */
  volumes?: Volume[] | undefined;
  /** `Never` for a run that ends, `Always` for a long-running job. */
  restartPolicy: "Never" | "Always";
}

/** What a continuity job adds to its name, which determines identity and command. */
export type ContinuityJobPodArgs = Omit<JobPodArgs, "name" | "identity" | "command"> & {
  name: keyof typeof jobCommands;
};

const defaultResources: Resources = { cpu: "250m", memory: "512Mi" };

export const jobPodMetadata = (name: string) => ({
  labels: labelsOf(name, "continuity"),
  annotations: { ...doNotDisrupt },
});

export function jobPod(args: JobPodArgs): PodSpec {
  return {
    serviceAccountName:
      args.identity === "none" ? kubernetesNames.jobsServiceAccount : jobServiceAccount(args.identity),
    // Credentials come from the pod's AWS identity; no job calls the Kubernetes API.
    automountServiceAccountToken: false,
    restartPolicy: args.restartPolicy,
    // Recovery depends on these jobs, so they have the priority of the most critical tier.
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

/** The pod of a job that `contract` names, with the identity and command of that name. */
export const continuityJobPod = (args: ContinuityJobPodArgs): PodSpec =>
  jobPod({ ...args, identity: kindOfJob[args.name], command: [...jobCommands[args.name]] });
