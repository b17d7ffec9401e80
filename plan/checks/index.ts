/** Every rule that the sections of a plan must keep among themselves. */
import type { Finding } from "../problems.ts";
import * as calendar from "./calendar.ts";
import type { Check, PlanSections } from "./check.ts";
import * as incidents from "./incidents.ts";
import * as objectives from "./objectives.ts";
import * as people from "./people.ts";
import * as protection from "./protection.ts";
import * as services from "./services.ts";

export { check, finding, type Check, type PlanSections } from "./check.ts";

const checks: readonly Check[] = [services, objectives, protection, incidents, people, calendar].flatMap((topic) =>
  Object.values<Check>(topic),
);

/** Every inconsistency among the sections that could be read, by the plan's own rules and those of `also`. */
export function findInconsistencies(sections: PlanSections, also: readonly Check[] = []): Finding[] {
  return [...checks, ...also].flatMap((find) => [...find(sections)]);
}
