/** Names of the priority classes: cluster-wide objects, so they carry the namespace. */
import { kubernetesNames } from "../../../contract/index.ts";

/** Who is scheduled first when nodes are short, and whose pods give way. */
export const priorityClassName = (tier: number): string => `${kubernetesNames.namespace}-tier-${tier}`;
