/** What a ledger must show after a recovery, compared with what its writers were told. */

/** A write that the service confirmed. */
export interface Acknowledged {
  /** Number of the entry; no two attempts share one. */
  n: number;
  /** When the database stored it, by the service's answer (ISO, milliseconds). */
  at: string;
  /** When the attempt began, in milliseconds since 1970. */
  sentAt: number;
  /** When its writer got the confirmation, in milliseconds since 1970. */
  ackedAt: number;
}

/** An entry as the service gives it back. */
export interface LedgerEntry {
  n: number;
  payload: string;
  at: string;
}

export interface LedgerInput {
  acknowledged: readonly Acknowledged[];
  /** Everything that the ledger holds now. */
  entries: readonly LedgerEntry[];
}

export interface LedgerComparison {
  /** Confirmed, but not there: the loss that the recovery point objective limits. */
  lostAcknowledged: Acknowledged[];
  /** Numbers that are there more than once. */
  duplicates: number[];
  /** Entries stored before one whose write was confirmed before theirs began: two writers, or a clock that went back. */
  outOfOrder: LedgerEntry[];
  /** There, though the writer got no confirmation: allowed, a write may outlive its answer. */
  unacknowledgedButPresent: LedgerEntry[];
  /** There, but stored at another time than was confirmed: the entry is not the one that was written. */
  altered: LedgerEntry[];
}

/** Compares a ledger with the confirmations. */
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

/** Writes that overlapped may be stored in any order; one that began after another's confirmation may not come before. */
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
