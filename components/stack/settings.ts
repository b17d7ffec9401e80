import type * as pulumi from "@pulumi/pulumi";
import type { Role, StackConfiguration } from "../../contract/index.ts";

/** The configuration of one stack as its program uses it; `contract/configuration` describes each key. */
export interface Settings extends Omit<StackConfiguration, "clusterName" | "kubeconfig"> {
  /** Name of the site's EKS cluster, set or derived from prefix and site. */
  clusterName: string;
  /** Kubeconfig as text, a secret. Undefined: the ambient kubeconfig. */
  kubeconfig: pulumi.Output<string> | undefined;
  /**
   * Role of the site after the stack's last update.
   * @default undefined: the stack is new
   */
  roleBefore?: Role | undefined;
  /**
   * Size of the database's claim in the state, if `databaseStorage` is larger: the claim must have been expanded.
   * @default undefined: nothing to compare
   */
  claimedStorage?: string | undefined;
}
