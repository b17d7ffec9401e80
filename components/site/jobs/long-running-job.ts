/** A long-running continuity job: one pod, running only in the roles that need it. */
import type * as pulumi from "@pulumi/pulumi";
import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment.js";
import { labelsOf, selectorOf, type PodSpec } from "../../kit/kubernetes/index.ts";
import { jobPodMetadata } from "./job-pod.ts";

export interface LongRunningJobArgs {
  /** Kubernetes namespace of the site. */
  namespace: string;
  /** Name of the Deployment in the namespace. */
  name: string;
  /** False: deployed, but scaled to zero. */
  running: boolean;
  /** Pod of the job. */
  pod: PodSpec;
}

export const longRunningJob = (args: LongRunningJobArgs, opts: pulumi.CustomResourceOptions): Deployment =>
  new Deployment(
    args.name,
    {
      metadata: { name: args.name, namespace: args.namespace, labels: labelsOf(args.name, "continuity") },
      spec: {
        replicas: args.running ? 1 : 0,
        selector: { matchLabels: selectorOf(args.name) },
        // Never two pods at once: the jobs assume that they are the only instance.
        strategy: { type: "Recreate" },
        template: { metadata: jobPodMetadata(args.name), spec: args.pod },
      },
    },
    opts,
  );
