/** The recovery points that follow another one, in the order in which they must be applied. */

export interface Link {
  kind: "full" | "changes";
  slot: string;
  /** The preceding recovery point; null for a full export. */
  parent?: { kind: "full" | "changes"; slot: string } | null | undefined;
  snapshotAt: string;
}

/**
 * Returns the chain starting at a recovery point, up to the first missing link. Of two with the same parent (a retried
 * run) the one that has successors is used, otherwise the newer one.
 */
export function followParents<P extends Link>(from: Pick<Link, "kind" | "slot">, points: readonly P[]): P[] {
  const nameOf = ({ kind, slot }: Pick<Link, "kind" | "slot">) => `${kind} ${slot}`;
  const children = Map.groupBy(points, ({ parent }) => (parent ? nameOf(parent) : ""));
  const chain: P[] = [];
  let parent = nameOf(from);
  for (;;) {
    const candidates = (children.get(parent) ?? []).toSorted((a, b) => a.snapshotAt.localeCompare(b.snapshotAt));
    const next = candidates.findLast((point) => children.has(nameOf(point))) ?? candidates.at(-1);
    if (!next || chain.includes(next)) return chain;
    chain.push(next);
    parent = nameOf(next);
  }
}
