import * as pulumi from "@pulumi/pulumi";
import { AccessEntry } from "@pulumi/aws/eks/accessEntry.js";
import { AccessPolicyAssociation } from "@pulumi/aws/eks/accessPolicyAssociation.js";
import type { Cluster } from "@pulumi/aws/eks/cluster.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import { breakGlassRoleName } from "../../../contract/index.ts";

interface AccessArgs {
  cluster: Cluster;
  clusterName: string;
  accountId: string;
  partition: string;
  /** ARNs of further administrators. */
  admins: readonly string[];
}

export function clusterAccess(name: string, args: AccessArgs, opts: pulumi.CustomResourceOptions): void {
  const { admins } = args;
  admit(`${name}-break-glass`, args, breakGlassRole(name, args, opts).arn, opts);
  for (const [index, arn] of admins.entries()) admit(`${name}-admin-${index + 1}`, args, arn, opts);
}

function admit(
  name: string,
  { cluster, partition }: AccessArgs,
  principalArn: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): void {
  const clusterName = cluster.name;
  const policyArn = `arn:${partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy`;
  const entry = new AccessEntry(name, { clusterName, principalArn }, opts);
  new AccessPolicyAssociation(
    name,
    { clusterName, principalArn, policyArn, accessScope: { type: "cluster" } },
    { ...opts, dependsOn: [entry] },
  );
}

/**
 * For people, when single sign-on or the deployment's own role is out of reach. Its credentials come from STS in any
 * region; it needs an IAM user or role of the account with a second factor, and no directory in another region.
 */
function breakGlassRole(name: string, args: AccessArgs, opts: pulumi.CustomResourceOptions): Role {
  const { cluster, clusterName, accountId, partition } = args;
  const role = new Role(
    `${name}-break-glass`,
    {
      name: breakGlassRoleName(clusterName),
      description: `Administers the cluster ${clusterName} when nothing else works`,
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: "sts:AssumeRole",
            Principal: { AWS: `arn:${partition}:iam::${accountId}:root` },
            Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
          },
        ],
      }),
    },
    opts,
  );
  // `aws eks update-kubeconfig` looks the endpoint up.
  new RolePolicy(
    `${name}-break-glass`,
    {
      role: role.name,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "eks:DescribeCluster", Resource: cluster.arn }],
      }),
    },
    opts,
  );
  return role;
}
