/** All consistency rules of a plan. */
import type { Finding } from "../problems.ts";
import * as calendar from "./calendar.ts";
import type { Check, PlanSections } from "./check.ts";
import * as incidents from "./incidents.ts";
import * as objectives from "./objectives.ts";
import * as people from "./people.ts";
import * as protection from "./protection.ts";
import * as services from "./services.ts";

export type { Check, PlanSections } from "./check.ts";

const checks: readonly Check[] = [services, objectives, protection, incidents, people, calendar].flatMap((topic) =>
  Object.values<Check>(topic),
);

/** Finds inconsistencies among the valid sections, by the plan's own rules and those in `also`. */
export function findInconsistencies(sections: PlanSections, also: readonly Check[] = []): Finding[] {
  return [...checks, ...also].flatMap((find) => [...find(sections)]);
}
