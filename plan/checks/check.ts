/** Building blocks of the plan's consistency checks. */
import type { Finding } from "../problems.ts";
import type { Plan } from "../schema/plan.ts";

/** The valid sections of a plan. */
export type PlanSections = Partial<Plan>;

/** Finds inconsistencies among sections; skipped if one of them is invalid. */
export type Check = (sections: PlanSections) => Iterable<Finding>;

/** Defines a check of the named sections. */
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

/** Entries whose name is already used by an earlier entry. */
export function* repeated(
  path: readonly PropertyKey[],
  names: readonly (string | number)[],
  field: string,
): Generator<Finding> {
  for (const [index, name] of names.entries()) {
    const first = names.indexOf(name);
    if (first < index) {
      yield finding([...path, index, field], `entry ${first} has the same ${field}`, "make it unique");
    }
  }
}

/** Entries that are not numbered consecutively from 1. */
export function* outOfOrder(
  path: readonly PropertyKey[],
  numbers: readonly number[],
  field: string,
): Generator<Finding> {
  for (const [index, number] of numbers.entries()) {
    if (number !== index + 1)
      yield finding([...path, index, field], "entries must be numbered consecutively from 1", `use ${index + 1}`);
  }
}

/** References to undefined names. */
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

/** All services with their tier and path in the plan. */
export const placed = ({ tiers }: Pick<Plan, "tiers">) =>
  tiers.flatMap((tier, tierIndex) =>
    tier.services.map((service, index) => ({ service, tier, path: ["tiers", tierIndex, "services", index] as const })),
  );
