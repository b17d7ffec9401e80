import { distance } from "fastest-levenshtein";

/** Letters that may differ in a name of a given length: a third of them, but two at least, since two swapped letters count as two. */
export const usualLimit = (length: number): number => Math.max(2, Math.floor(length / 3));

/**
 * The known name that was most likely meant, or undefined when none is near enough. Case does not count.
 *
 * @param limit letters that may differ, by the length of what was written. @default usualLimit
 */
export function nearestName(
  written: string,
  known: readonly string[],
  limit: (length: number) => number = usualLimit,
): string | undefined {
  const ranked = known
    .map((name) => ({ name, letters: distance(written.toLowerCase(), name.toLowerCase()) }))
    .filter(({ letters }) => letters <= limit(written.length))
    .toSorted((a, b) => a.letters - b.letters);
  return ranked[0]?.name;
}
