/** Name of a tier's priority class. Priority classes are cluster-wide, so the name includes the namespace. */
export const priorityClassName = (namespace: string, tier: number): string => `${namespace}-tier-${tier}`;
