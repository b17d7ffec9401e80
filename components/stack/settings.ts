import type * as pulumi from "@pulumi/pulumi";
import type { StackConfiguration } from "../../contract/index.ts";

/** The configuration of one stack as its program uses it; `contract/configuration` describes each key. */
export interface Settings extends Omit<StackConfiguration, "clusterName" | "kubeconfig"> {
  clusterName: string;
  kubeconfig: pulumi.Output<string> | undefined;
}
