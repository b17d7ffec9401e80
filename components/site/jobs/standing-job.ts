/** A continuity job that never ends: one pod, kept running while the site's role asks for it. */
import type * as pulumi from "@pulumi/pulumi";
import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment.js";
import { labelsOf, selectorOf, type PodSpec } from "../../kit/kubernetes/index.ts";
import { jobPodMetadata } from "./job-pod.ts";

export interface StandingJobArgs {
  /** Kubernetes namespace of the site. */
  namespace: string;
  /** Name of the Deployment in the namespace. */
  name: string;
  /** False: deployed, but scaled to nothing. */
  running: boolean;
  pod: PodSpec;
}

export const standingJob = (args: StandingJobArgs, opts: pulumi.CustomResourceOptions): Deployment =>
  new Deployment(
    args.name,
    {
      metadata: { name: args.name, namespace: args.namespace, labels: labelsOf(args.name, "continuity") },
      spec: {
        replicas: args.running ? 1 : 0,
        selector: { matchLabels: selectorOf(args.name) },
        // Never two at once: each believes that it is the only one.
        strategy: { type: "Recreate" },
        template: { metadata: jobPodMetadata(args.name), spec: args.pod },
      },
    },
    opts,
  );
