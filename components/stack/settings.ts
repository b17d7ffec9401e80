import type * as pulumi from "@pulumi/pulumi";
import type { Role, SharedConfiguration, SiteConfiguration, Topology } from "../../contract/index.ts";

/** The configuration of the shared stack; `contract/configuration` describes each key. */
export type SharedSettings = SharedConfiguration;

/** The configuration of the stack of one site as its program uses it; `contract/configuration` describes each key. */
export interface SiteSettings extends Omit<SiteConfiguration, "clusterName" | "kubeconfig"> {
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

/** The configuration of one stack; `site` says which of the three it is. */
export type Settings = SharedSettings | SiteSettings;

export const topologyOf = ({ namePrefix, primaryRegion, alternateRegion }: Topology): Topology => ({
  namePrefix,
  primaryRegion,
  alternateRegion,
});
