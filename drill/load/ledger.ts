/** Compares a ledger after a recovery with the acknowledged writes. */

/** A write acknowledged by the service. */
export interface Acknowledged {
  /** Entry number, unique per attempt. */
  n: number;
  /** Storage time according to the service's response (ISO, milliseconds). */
  at: string;
  /** Start of the attempt, in milliseconds since 1970. */
  sentAt: number;
  /** Time of the acknowledgement, in milliseconds since 1970. */
  ackedAt: number;
}

/** An entry as returned by the service. */
export interface LedgerEntry {
  n: number;
  payload: string;
  at: string;
}

export interface LedgerInput {
  acknowledged: readonly Acknowledged[];
  /** All entries of the ledger. */
  entries: readonly LedgerEntry[];
}

export interface LedgerComparison {
  /** Acknowledged but missing: the loss limited by the RPO. */
  lostAcknowledged: Acknowledged[];
  /** Numbers that occur more than once. */
  duplicates: number[];
  /**
   * Entries stored before another one that was acknowledged before they were sent: two writers, or a clock set back.
   */
  outOfOrder: LedgerEntry[];
  /** Present without an acknowledgement: allowed, since a write may succeed after its response was lost. */
  unacknowledgedButPresent: LedgerEntry[];
  /** Present, but with a storage time other than acknowledged: not the entry that was written. */
  altered: LedgerEntry[];
}

/** Compares a ledger with the acknowledged writes. */
export function compareLedger({ acknowledged, entries }: LedgerInput): LedgerComparison {
  const counts = new Map<number, number>();
  for (const { n } of entries) counts.set(n, (counts.get(n) ?? 0) + 1);
  const confirmed = new Map(acknowledged.map((write) => [write.n, write]));
  return {
    lostAcknowledged: acknowledged.filter(({ n }) => !counts.has(n)),
    duplicates: [...counts].filter(([, count]) => count > 1).map(([n]) => n),
    outOfOrder: findOutOfOrder(confirmed, entries),
    unacknowledgedButPresent: entries.filter(({ n }) => !confirmed.has(n)),
    altered: entries.filter(({ n, at }) => confirmed.has(n) && confirmed.get(n)?.at !== at),
  };
}

/** Concurrent writes may be stored in any order; one sent after another's acknowledgement must not precede it. */
function findOutOfOrder(confirmed: ReadonlyMap<number, Acknowledged>, entries: readonly LedgerEntry[]): LedgerEntry[] {
  const known = entries.flatMap((entry) => {
    const write = confirmed.get(entry.n);
    return write ? [{ entry, write, stored: Date.parse(entry.at) }] : [];
  });
  const byEnd = [...known].sort((a, b) => a.write.ackedAt - b.write.ackedAt);
  const byStart = [...known].sort((a, b) => a.write.sentAt - b.write.sentAt);
  const wrong: LedgerEntry[] = [];
  let newestStored = -Infinity;
  let finished = 0;
  for (const { entry, write, stored } of byStart) {
    for (let done = byEnd[finished]; done && done.write.ackedAt < write.sentAt; done = byEnd[++finished]) {
      newestStored = Math.max(newestStored, done.stored);
    }
    if (stored < newestStored) wrong.push(entry);
  }
  return wrong;
}
