/** One service of the plan: Deployment, Service and disruption budget. */
import type * as pulumi from "@pulumi/pulumi";
import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment.js";
import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1/podDisruptionBudget.js";
import { labels as names, siteEndpoint } from "../../../contract/index.ts";
import { labelsOf, selectorOf, skipAwait } from "../../kit/kubernetes/index.ts";
import type { Entry, ServiceWorkloadArgs } from "./service-arguments.ts";
import { servicePod } from "./service-pod.ts";

/** Seconds after which a rollout without progress has failed; a recovery must not wait longer for one service. */
const progressDeadlineSeconds = 180;

export function serviceWorkload(args: ServiceWorkloadArgs, opts: pulumi.CustomResourceOptions): Deployment {
  const { id, tier, entry } = args;
  const labels = { ...labelsOf(id, "platform"), [names.tier]: String(tier) };
  const metadata = { name: id, namespace: args.namespace, labels };
  const deployment = new Deployment(
    id,
    {
      metadata,
      spec: {
        replicas: args.replicas,
        revisionHistoryLimit: 3,
        progressDeadlineSeconds,
        selector: { matchLabels: selectorOf(id) },
        // All new pods at once, and old pods stay until they are ready: a change of role is a rollout, and its duration is
        // recovery time.
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "100%", maxUnavailable: 0 } },
        template: { metadata: { labels }, spec: servicePod(args) },
      },
    },
    opts,
  );
  networkService(args, metadata, entry, opts);
  new PodDisruptionBudget(
    id,
    // maxUnavailable, not minAvailable: with one replica the latter would block node drains indefinitely.
    { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: selectorOf(id) } } },
    opts,
  );
  return deployment;
}

interface Metadata {
  name: string;
  namespace: string;
  labels: Record<string, string>;
}

function networkService(
  { id, port: targetPort }: ServiceWorkloadArgs,
  metadata: Metadata,
  entry: Entry | undefined,
  opts: pulumi.CustomResourceOptions,
): void {
  const selector = selectorOf(id);
  const http = { name: "http", port: siteEndpoint(undefined).port, targetPort };
  if (entry === undefined) {
    new Service(id, { metadata: { ...metadata, annotations: skipAwait }, spec: { selector, ports: [http] } }, opts);
    return;
  }
  // In every role: creating the load balancer during a failover would depend on its control plane.
  const { scheme, port } = siteEndpoint(entry.certificateArn);
  const ports = scheme === "http" ? [http] : [http, { name: scheme, port, targetPort }];
  new Service(
    id,
    {
      metadata: { ...metadata, annotations: { ...skipAwait, ...loadBalancerAnnotations(entry) } },
      spec: { type: "LoadBalancer", selector, ports },
    },
    opts,
  );
}

/** For external-dns and the AWS load balancer controller. */
const loadBalancerAnnotations = ({ hostname, certificateArn }: Entry): Record<string, string> => ({
  "external-dns.alpha.kubernetes.io/hostname": hostname,
  [`${awsLoadBalancer}-scheme`]: "internet-facing",
  // Node targets are already healthy when a change of role replaces every pod. A network load balancer needs minutes to
  // register pod IPs, and EKS Auto Mode has no readiness gate that would keep the old pods until then.
  [`${awsLoadBalancer}-nlb-target-type`]: "instance",
  ...(certificateArn === undefined
    ? {}
    : { [`${awsLoadBalancer}-ssl-cert`]: certificateArn, [`${awsLoadBalancer}-ssl-ports`]: "https" }),
});

const awsLoadBalancer = "service.beta.kubernetes.io/aws-load-balancer";
