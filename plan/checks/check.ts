/** What a check of the plan's consistency is. */
import type { Finding } from "../problems.ts";
import type { Plan } from "../schema/plan.ts";

/** The sections of a plan that could be read. */
export type PlanSections = Partial<Plan>;

/** Finds what contradicts itself in some sections; silent while one of them cannot be read. */
export type Check = (sections: PlanSections) => Iterable<Finding>;

/** A check that looks at the sections it names. */
export function check<Name extends keyof Plan>(
  names: readonly Name[],
  find: (plan: Pick<Plan, Name>) => Iterable<Finding>,
): Check {
  return (sections) => (names.every((name) => sections[name] !== undefined) ? find(sections as Pick<Plan, Name>) : []);
}

export const finding = (path: readonly PropertyKey[], rule: string, remedy: string): Finding => ({
  path,
  rule,
  remedy,
});

/** Every entry whose name another entry before it has already. */
export function* repeated(
  path: readonly PropertyKey[],
  names: readonly (string | number)[],
  field: string,
): Generator<Finding> {
  for (const [index, name] of names.entries()) {
    const first = names.indexOf(name);
    if (first < index) {
      yield finding([...path, index, field], `entry ${first} has the same ${field}`, "give each its own");
    }
  }
}

/** Every entry that does not count on from 1. */
export function* outOfOrder(
  path: readonly PropertyKey[],
  numbers: readonly number[],
  field: string,
): Generator<Finding> {
  for (const [index, number] of numbers.entries()) {
    if (number !== index + 1) yield finding([...path, index, field], "entries count on from 1", `write ${index + 1}`);
  }
}

/** Every reference to something that is not there. */
export function* unknownNames(
  path: readonly PropertyKey[],
  names: readonly (string | number)[],
  known: ReadonlySet<string | number>,
  what: string,
): Generator<Finding> {
  for (const [index, name] of names.entries()) {
    if (!known.has(name)) yield unknownName([...path, index], what, known);
  }
}

export const unknownName = (path: readonly PropertyKey[], what: string, known: ReadonlySet<string | number>): Finding =>
  finding(path, `the plan has no such ${what}`, `choose one of ${[...known].join(", ")}`);

/** Every service with its tier and where it stands in the plan. */
export const placed = ({ tiers }: Pick<Plan, "tiers">) =>
  tiers.flatMap((tier, tierIndex) =>
    tier.services.map((service, index) => ({ service, tier, path: ["tiers", tierIndex, "services", index] as const })),
  );
