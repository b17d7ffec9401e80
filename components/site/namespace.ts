/** The site's namespace with its service accounts, limits and quota. */
import type * as pulumi from "@pulumi/pulumi";
import { LimitRange } from "@pulumi/kubernetes/core/v1/limitRange.js";
import { Namespace } from "@pulumi/kubernetes/core/v1/namespace.js";
import { ResourceQuota } from "@pulumi/kubernetes/core/v1/resourceQuota.js";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1/serviceAccount.js";
import {
  jobKinds,
  jobServiceAccount,
  kubernetesNames,
  type SiteFacts,
  servicesServiceAccount,
} from "../../contract/index.ts";
import { siteLabels } from "../kit/kubernetes/index.ts";

/** Every pod must comply with the `restricted` Pod Security Standard. */
const podSecurityLabels = {
  "pod-security.kubernetes.io/enforce": "restricted",
  "pod-security.kubernetes.io/enforce-version": "latest",
};

export function siteNamespace({ site, role, namespace }: SiteFacts, opts: pulumi.CustomResourceOptions): Namespace {
  return new Namespace(
    namespace,
    { metadata: { name: namespace, labels: { ...podSecurityLabels, ...siteLabels(site, role) } } },
    opts,
  );
}

/** Service accounts and limits; created before any pod. */
export function namespaceContents({ namespace }: SiteFacts, opts: pulumi.CustomResourceOptions): pulumi.Resource[] {
  const names = [kubernetesNames.jobsServiceAccount, ...jobKinds.map(jobServiceAccount), servicesServiceAccount];
  const accounts = names.map(
    (name) => new ServiceAccount(name, { metadata: { name, namespace }, automountServiceAccountToken: false }, opts),
  );
  return [...accounts, containerDefaults(namespace, opts), costLimits(namespace, opts)];
}

/** A container without a memory limit must not exhaust a node. */
const containerDefaults = (namespace: string, opts: pulumi.CustomResourceOptions): LimitRange =>
  new LimitRange(
    "defaults",
    {
      metadata: { name: "defaults", namespace },
      spec: {
        limits: [{ type: "Container", default: { memory: "256Mi" }, defaultRequest: { cpu: "50m", memory: "256Mi" } }],
      },
    },
    opts,
  );

/** Limits resources that cost money, except pods: a rollout during a recovery briefly doubles them. */
const costLimits = (namespace: string, opts: pulumi.CustomResourceOptions): ResourceQuota =>
  new ResourceQuota(
    "costs",
    {
      metadata: { name: "costs", namespace },
      spec: { hard: { "services.loadbalancers": "1", persistentvolumeclaims: "2" } },
    },
    opts,
  );
