/** Options for the children of a component. */
import * as pulumi from "@pulumi/pulumi";

/** Options of a child, with everything that it waits for in one list. */
export interface ChildOptions extends pulumi.CustomResourceOptions {
  dependsOn: pulumi.Resource[];
}

/** Options of a component that passes on, as a plain list, what its children wait for. */
export interface OrderedOptions extends pulumi.ComponentResourceOptions {
  /** Resources that are there before anything of this component. */
  dependsOn?: pulumi.Resource[];
}

/**
 * A child waits for what its component waits for. Pulumi itself passes providers down, but not the order in which
 * things are deleted, so without this a namespace would go at the same time as what lives in it.
 */
export const childOptions = (
  parent: pulumi.ComponentResource,
  opts: OrderedOptions | undefined,
  ...more: pulumi.Resource[]
): ChildOptions => ({ parent, dependsOn: [...(opts?.dependsOn ?? []), ...more] });
