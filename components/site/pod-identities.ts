import * as pulumi from "@pulumi/pulumi";
import { PodIdentityAssociation } from "@pulumi/aws/eks/podIdentityAssociation.js";
import {
  jobKinds,
  jobRoleArn,
  jobServiceAccount,
  servicesRoleArn,
  servicesServiceAccount,
  type SiteName,
  type Topology,
} from "../../contract/index.ts";
import { childOptions, type OrderedOptions } from "../kit/child-options.ts";

export interface PodIdentitiesArgs {
  /** Name prefix and both regions. */
  topology: Topology;
  /** AWS account that owns the roles; 12 digits. */
  accountId: string;
  /** Site that runs on this cluster. */
  site: SiteName;
  /** Kubernetes namespace of the pods. */
  namespace: string;
  /** Name of the site's EKS cluster. */
  clusterName: string;
}

/**
 * Associates the site's service accounts with their IAM roles. Associations belong to one cluster, so each site creates
 * its own, in advance of a failover.
 */
export class PodIdentities extends pulumi.ComponentResource {
  constructor(name: string, args: PodIdentitiesArgs, opts?: OrderedOptions) {
    super("continuity:identity:PodIdentities", name, {}, opts);
    const { topology, accountId, site, namespace, clusterName } = args;
    // By name, not by reference: the roles belong to the shared stack.
    const roleArns: [serviceAccount: string, roleArn: string][] = [
      ...jobKinds.map((kind): [string, string] => [
        jobServiceAccount(kind),
        jobRoleArn(topology, accountId, site, kind),
      ]),
      [servicesServiceAccount, servicesRoleArn(topology, accountId, site)],
    ];
    for (const [serviceAccount, roleArn] of roleArns) {
      new PodIdentityAssociation(
        `${name}-${serviceAccount}`,
        { clusterName, namespace, serviceAccount, roleArn },
        // EKS refuses one whose cluster or role does not exist.
        childOptions(this, opts),
      );
    }
    this.registerOutputs({});
  }
}
