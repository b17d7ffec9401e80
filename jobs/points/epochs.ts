/** Epochs: which are credible, which is the highest, and which record is the newest. */

/** Epoch of the first writer, which needs no record. */
export const firstEpoch = 1;

/** Plausibility limit: a record that reaches it is a mistake or forged, and is ignored. */
export const epochLimit = 1_000_000_000;

/** Whether new epochs may be derived from it, which requires room for one more. */
export const isCredibleEpoch = (epoch: number): boolean =>
  Number.isInteger(epoch) && epoch >= 0 && epoch < epochLimit - 1;

/** Highest credible epoch; 0: none. */
export const highestEpoch = (epochs: readonly number[]): number => Math.max(0, ...epochs.filter(isCredibleEpoch));

/** Record in force among those of several buckets; of two with one epoch, the first. */
export const newestRecord = <Record extends { epoch: number }>(
  records: readonly (Record | undefined)[],
): Record | undefined => records.flatMap((record) => record ?? []).toSorted((a, b) => b.epoch - a.epoch)[0];
