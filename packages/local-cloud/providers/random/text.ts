/** Random strings with a minimum number of characters of each class. */
import { pick, shuffled, type Source } from "./sources.ts";

export interface TextSpec {
  length: number;
  lower: boolean;
  upper: boolean;
  numeric: boolean;
  special: boolean;
  minLower: number;
  minUpper: number;
  minNumeric: number;
  minSpecial: number;
  /** Replaces the default set of special characters. */
  overrideSpecial?: string | undefined;
}

const usualSpecial = "!@#$%&*()-_=+[]{}<>:?";

interface CharacterClass {
  characters: string;
  minimum: number;
}

const classes = (spec: TextSpec): CharacterClass[] =>
  [
    { used: spec.lower, characters: "abcdefghijklmnopqrstuvwxyz", minimum: spec.minLower },
    { used: spec.upper, characters: "ABCDEFGHIJKLMNOPQRSTUVWXYZ", minimum: spec.minUpper },
    { used: spec.numeric, characters: "0123456789", minimum: spec.minNumeric },
    { used: spec.special, characters: spec.overrideSpecial || usualSpecial, minimum: spec.minSpecial },
  ].flatMap(({ used, characters, minimum }) =>
    used ? [{ characters, minimum }] : minimum > 0 ? [{ characters, minimum }] : [],
  );

/** Validates a specification. */
export function findTextProblems(spec: TextSpec): { property: string; reason: string }[] {
  const problems: { property: string; reason: string }[] = [];
  const minimum = spec.minLower + spec.minUpper + spec.minNumeric + spec.minSpecial;
  if (!(spec.length >= 1)) problems.push({ property: "length", reason: `must be at least 1, is ${spec.length}` });
  else if (minimum > spec.length) {
    problems.push({ property: "length", reason: `is ${spec.length}, but the minimums add up to ${minimum}` });
  }
  if (classes(spec).length === 0) {
    problems.push({ property: "lower", reason: "one of lower, upper, numeric and special must be true" });
  }
  return problems;
}

export function randomText(spec: TextSpec, source: Source): string {
  const used = classes(spec);
  const required = used.flatMap(({ characters, minimum }) =>
    Array.from({ length: minimum }, () => pick(characters, source)),
  );
  const all = used.map(({ characters }) => characters).join("");
  const free = Array.from({ length: spec.length - required.length }, () => pick(all, source));
  return shuffled([...required, ...free], source).join("");
}
