/** What one service of the plan is deployed from. */
import type * as pulumi from "@pulumi/pulumi";
import type { EnvVar, Resources } from "../../kit/kubernetes/index.ts";

export interface ServiceWorkloadArgs {
  /** Kubernetes namespace of the site. */
  namespace: string;
  /** Id of the service in the plan. */
  id: string;
  /** Tier of the service, 1 the most critical. */
  tier: number;
  image: pulumi.Input<string>;
  /** Pods that run now; 0 on a pilot light and on a fenced site. */
  replicas: number;
  env: EnvVar[];
  resources: Resources;
  /** How the site's traffic reaches this service. Omit: reachable inside the cluster only. */
  entry?: Entry | undefined;
}

/** Where traffic enters a site. */
export interface Entry {
  /** Name under which the site answers. */
  hostname: string;
  /** ACM certificate for TLS at the load balancer. Omit: plain HTTP. */
  certificateArn?: string | undefined;
}
