/** Names of the priority classes: cluster-wide objects, so they carry the namespace. */
/** Who is scheduled first when nodes are short, and whose pods give way. */
export const priorityClassName = (namespace: string, tier: number): string => `${namespace}-tier-${tier}`;
