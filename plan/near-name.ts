import { distance } from "fastest-levenshtein";

/**
 * Maximum edit distance for a name of the given length: a third of it, but at least two, since transposed letters count
 * as two.
 */
const usualLimit = (length: number): number => Math.max(2, Math.floor(length / 3));

/**
 * The most similar known name, or undefined if none is similar enough; case-insensitive.
 *
 * @param limit maximum edit distance by length of the input. @default usualLimit
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
