/** Reads a plan and refuses one that is wrong, with every problem at once. */
import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { planSchema, type Plan } from "./schema/plan.ts";
import { PlanError, pathOf, shown } from "./problems.ts";

const defaultFile = new URL("continuity.yaml", import.meta.url);

/** Loads the plan beside this module, or the one at `path`. */
export function loadPlan(path: string | URL = defaultFile): Plan {
  return parsePlan(readFileSync(path, "utf8"), String(path));
}

/** Reads a plan from its text; `source` names it in problems. */
export function parsePlan(text: string, source: string): Plan {
  const document = parseDocument(text);
  const read = planSchema.safeParse(document.toJS());
  if (read.success) return read.data;
  throw new PlanError(
    source,
    read.error.issues.map((issue) => ({
      path: pathOf(issue.path),
      value: shown(document.getIn(issue.path as string[])),
      rule: issue.message,
      remedy: "correct it",
    })),
  );
}
