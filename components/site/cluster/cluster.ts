import * as pulumi from "@pulumi/pulumi";
import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import { Cluster as EksCluster } from "@pulumi/aws/eks/cluster.js";
import { Key } from "@pulumi/aws/kms/key.js";
import { partitionOf } from "../../../contract/index.ts";
import { childOptions, type OrderedOptions } from "../../kit/child-options.ts";
import { clusterAccess } from "./access.ts";
import { kubeconfigOf } from "./kubeconfig.ts";
import { clusterRoles } from "./roles.ts";

export interface ClusterArgs {
  /** Name of the cluster, unique in account and region. Changing it replaces the cluster. */
  clusterName: string;
  /** AWS region of the cluster; must be its provider's. */
  region: string;
  /** AWS account that owns it; 12 digits. */
  accountId: string;
  /** Subnets of nodes and of the API's private endpoint, in two zones or more. */
  subnetIds: pulumi.Input<string>[];
  /**
   * IPv4 ranges that may reach the API from the internet.
   * @default none: only from the network
   */
  publicCidrs?: readonly string[] | undefined;
  /**
   * IAM roles or users that administer the cluster, besides its creator and the break-glass role.
   * @default none
   */
  admins?: readonly string[] | undefined;
  /**
   * Kubernetes version, e.g. `1.34`.
   * @default the newest that EKS has at creation
   */
  version?: string | undefined;
  /**
   * Days for which the control plane's logs are kept.
   * @default 90
   */
  logDays?: number | undefined;
  /**
   * Whether Pulumi refuses to delete or replace the cluster: another name or network would, with everything in it.
   * @default true
   */
  protect?: boolean | undefined;
}

const logTypes = ["api", "audit", "authenticator", "controllerManager", "scheduler"];
const nodePools = ["general-purpose", "system"];
const keyDeletionDays = 30;

/**
 * An EKS cluster in Auto Mode: AWS runs its nodes, their network, load balancers and volumes. Secrets are encrypted with
 * a key of its own; access is by access entries only.
 */
export class Cluster extends pulumi.ComponentResource {
  /** Kubeconfig as text; its one context is named after the cluster. */
  public readonly kubeconfig: pulumi.Output<string>;
  /** Changes when the cluster is replaced, also by one of the same name. */
  public readonly identifier: pulumi.Output<string>;

  constructor(name: string, args: ClusterArgs, opts?: OrderedOptions) {
    super("continuity:cluster:Cluster", name, {}, opts);
    const parent = { parent: this };
    const { clusterName, region, version } = args;
    const key = new Key(
      name,
      {
        description: `Secrets of the cluster ${clusterName}`,
        enableKeyRotation: true,
        deletionWindowInDays: keyDeletionDays,
      },
      parent,
    );
    // Made in advance, since EKS would make it without an end of retention.
    const logs = new LogGroup(
      name,
      { name: `/aws/eks/${clusterName}/cluster`, retentionInDays: args.logDays ?? 90 },
      parent,
    );
    const roles = clusterRoles(name, partitionOf(region), parent);
    const cluster = new EksCluster(
      name,
      {
        name: clusterName,
        ...(version !== undefined && { version }),
        roleArn: roles.cluster.arn,
        accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: true },
        ...autoMode(roles.node.arn),
        enabledClusterLogTypes: logTypes,
        encryptionConfig: { provider: { keyArn: key.arn }, resources: ["secrets"] },
        vpcConfig: vpcConfig(args),
      },
      { ...childOptions(this, opts, logs, ...roles.attachments), protect: args.protect ?? true },
    );
    const { accountId, admins = [] } = args;
    clusterAccess(name, { cluster, clusterName, accountId, partition: partitionOf(region), admins }, parent);
    this.kubeconfig = kubeconfigOf(cluster, clusterName, region);
    this.identifier = pulumi.interpolate`${cluster.arn}@${cluster.createdAt}`;
    this.registerOutputs({ kubeconfig: this.kubeconfig, identifier: this.identifier });
  }
}

/** EKS accepts the three parts together only, and without add-ons of its own. */
const autoMode = (nodeRoleArn: pulumi.Input<string>) => ({
  bootstrapSelfManagedAddons: false,
  computeConfig: { enabled: true, nodePools, nodeRoleArn },
  kubernetesNetworkConfig: { elasticLoadBalancing: { enabled: true }, ipFamily: "ipv4" },
  storageConfig: { blockStorage: { enabled: true } },
});

function vpcConfig({ subnetIds, publicCidrs = [] }: ClusterArgs) {
  const open = publicCidrs.length > 0;
  return {
    subnetIds,
    endpointPrivateAccess: true,
    endpointPublicAccess: open,
    ...(open && { publicAccessCidrs: [...publicCidrs] }),
  };
}
