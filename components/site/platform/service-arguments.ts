/** Arguments of one service's workload. */
import type * as pulumi from "@pulumi/pulumi";
import type { EnvVar, Resources } from "../../kit/kubernetes/index.ts";

export interface ServiceWorkloadArgs {
  /** Kubernetes namespace of the site. */
  namespace: string;
  /** Id of the service in the plan. */
  id: string;
  /** Tier of the service, 1 the most critical. */
  tier: number;
  /** Image of the service. */
  image: pulumi.Input<string>;
  /** Number of pods; 0 on a pilot light and on an isolated site. */
  replicas: number;
  /** Environment of the service's container. */
  env: EnvVar[];
  /** TCP port of the container. */
  port: number;
  /** Whether the pods may read the access keys, which needs an AWS identity. */
  needsKeys: boolean;
  /** Paths that the kubelet probes. */
  paths: { alive: string; ready: string };
  /** CPU and memory of each pod. */
  resources: Resources;
  /** Load balancer for the site's traffic. Omit: reachable inside the cluster only. */
  entry?: Entry | undefined;
}

/** Load balancer through which traffic enters a site. */
export interface Entry {
  /** Hostname of the site. */
  hostname: string;
  /** ACM certificate for TLS at the load balancer. Omit: plain HTTP. */
  certificateArn?: string | undefined;
}
