import * as pulumi from "@pulumi/pulumi";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import { jobKinds, jobRoleName, servicesRoleName, type SiteName, type Topology } from "../../../contract/index.ts";
import { jobPermissions, podsOfThisAccount, servicesPermissions } from "./permissions.ts";

export interface SiteRolesArgs {
  /** Name prefix and both regions. */
  topology: Topology;
  /** AWS account that owns the clusters; 12 digits. */
  accountId: string;
  /** Site whose pods assume these roles. */
  site: SiteName;
  /** ARN of the KMS key for recovery points in each region. */
  keyArns: Record<SiteName, pulumi.Input<string>>;
}

/**
 * IAM roles of one site's pods. The stack that owns global resources creates the roles of both sites in advance: the
 * IAM control plane may be down when the alternate site needs them.
 */
export class SiteRoles extends pulumi.ComponentResource {
  constructor(name: string, args: SiteRolesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("continuity:identity:SiteRoles", name, {}, opts);
    for (const kind of jobKinds) {
      const roleName = jobRoleName(args.topology, args.site, kind);
      this.role(`${name}-${kind}`, roleName, args, jobPermissions(kind, args));
    }
    this.role(`${name}-services`, servicesRoleName(args.topology, args.site), args, servicesPermissions(args));
    this.registerOutputs({});
  }

  private role(name: string, roleName: string, args: SiteRolesArgs, policy: pulumi.Output<string>): void {
    const assumeRolePolicy = podsOfThisAccount(args.accountId);
    const role = new Role(name, { name: roleName, assumeRolePolicy }, { parent: this });
    new RolePolicy(name, { role: role.id, policy }, { parent: this });
  }
}
