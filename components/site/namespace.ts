/** The site's namespace and what holds for everything in it. */
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

/** Every pod has to keep to the strictest of Kubernetes' own security levels. */
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

/** Service accounts and limits; made before anything that runs. */
export function namespaceContents({ namespace }: SiteFacts, opts: pulumi.CustomResourceOptions): pulumi.Resource[] {
  const names = [kubernetesNames.jobsServiceAccount, ...jobKinds.map(jobServiceAccount), servicesServiceAccount];
  const accounts = names.map(
    (name) => new ServiceAccount(name, { metadata: { name, namespace }, automountServiceAccountToken: false }, opts),
  );
  return [...accounts, containerDefaults(namespace, opts), costLimits(namespace, opts)];
}

/** A container that somebody adds without a word on memory must not take a node down. */
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

/** What costs money beside pods. Pods are not limited: a rollout during a recovery doubles them for a moment. */
const costLimits = (namespace: string, opts: pulumi.CustomResourceOptions): ResourceQuota =>
  new ResourceQuota(
    "costs",
    {
      metadata: { name: "costs", namespace },
      spec: { hard: { "services.loadbalancers": "1", persistentvolumeclaims: "2" } },
    },
    opts,
  );
