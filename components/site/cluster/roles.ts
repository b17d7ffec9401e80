import type * as pulumi from "@pulumi/pulumi";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment.js";

/** What EKS needs to run nodes, networks, load balancers and volumes in Auto Mode. */
const clusterPolicies = [
  "AmazonEKSClusterPolicy",
  "AmazonEKSComputePolicy",
  "AmazonEKSBlockStoragePolicy",
  "AmazonEKSLoadBalancingPolicy",
  "AmazonEKSNetworkingPolicy",
];
/** Nodes join the cluster and pull images; everything else is a pod's own identity. */
const nodePolicies = ["AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"];

export interface ClusterRoles {
  cluster: Role;
  node: Role;
  /** The cluster fails to start without them. */
  attachments: RolePolicyAttachment[];
}

export function clusterRoles(name: string, partition: string, opts: pulumi.CustomResourceOptions): ClusterRoles {
  const attachments: RolePolicyAttachment[] = [];
  const roleFor = (part: string, service: string, actions: string[], policies: string[]): Role => {
    const role = new Role(
      `${name}-${part}`,
      {
        description: `${part === "nodes" ? "Nodes" : "Control plane"} of the cluster of the ${name} site`,
        assumeRolePolicy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: actions, Principal: { Service: service } }],
        }),
      },
      opts,
    );
    for (const policy of policies)
      attachments.push(
        new RolePolicyAttachment(
          `${name}-${part}-${policy}`,
          { role: role.name, policyArn: `arn:${partition}:iam::aws:policy/${policy}` },
          opts,
        ),
      );
    return role;
  };
  const cluster = roleFor("control-plane", "eks.amazonaws.com", ["sts:AssumeRole", "sts:TagSession"], clusterPolicies);
  const node = roleFor("nodes", "ec2.amazonaws.com", ["sts:AssumeRole"], nodePolicies);
  return { cluster, node, attachments };
}
