/** Options for the children of a component. */
import * as pulumi from "@pulumi/pulumi";

/** Options of a child, with all of its dependencies in one list. */
export interface ChildOptions extends pulumi.CustomResourceOptions {
  dependsOn: pulumi.Resource[];
}

/** Options of a component that passes its dependencies on to its children, hence a plain list. */
export interface OrderedOptions extends pulumi.ComponentResourceOptions {
  /** Resources that must exist before any child of this component. */
  dependsOn?: pulumi.Resource[];
}

/**
 * Makes a child depend on everything that its component depends on. Pulumi passes providers down to children, but not
 * the order of deletion: without this, a namespace would be deleted at the same time as its contents.
 */
export const childOptions = (
  parent: pulumi.ComponentResource,
  opts: OrderedOptions | undefined,
  ...more: pulumi.Resource[]
): ChildOptions => ({ parent, dependsOn: [...(opts?.dependsOn ?? []), ...more] });
