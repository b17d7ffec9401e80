import { distance } from "fastest-levenshtein";

/** The most similar name, for "did you mean"; undefined if none is close. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(name.length / 3));
  const ranked = names
    .map((candidate) => ({ candidate, letters: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((one, other) => one.letters - other.letters);
  const [best] = ranked;
  return best && best.letters <= limit ? best.candidate : undefined;
}
