import * as pulumi from "@pulumi/pulumi";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { StorageClass } from "@pulumi/kubernetes/storage/v1/storageClass.js";
import { kubernetesNames } from "../../../contract/index.ts";

/**
 * What a new Auto Mode cluster lacks: enforcement of network policies, which are accepted and ignored without it, and a
 * storage class.
 */
export class ClusterDefaults extends pulumi.ComponentResource {
  /** Requires a `kubernetes` provider of the cluster. */
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("continuity:cluster:ClusterDefaults", name, {}, opts);
    new ConfigMap(
      `${name}-network-policies`,
      {
        metadata: { name: "amazon-vpc-cni", namespace: "kube-system" },
        data: { "enable-network-policy-controller": "true" },
      },
      { parent: this },
    );
    new StorageClass(
      `${name}-database`,
      {
        metadata: { name: kubernetesNames.databaseStorageClass },
        provisioner: "ebs.csi.eks.amazonaws.com",
        parameters: { type: "gp3", encrypted: "true" },
        // The volume must be in the zone of the pod, and grow without a new one.
        volumeBindingMode: "WaitForFirstConsumer",
        allowVolumeExpansion: true,
        // A deleted claim must not take the data with it.
        reclaimPolicy: "Retain",
        allowedTopologies: [{ matchLabelExpressions: [{ key: "eks.amazonaws.com/compute-type", values: ["auto"] }] }],
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
