/** Loads and validates a plan, reporting all problems at once. */
import { readFileSync } from "node:fs";
import { findInconsistencies, type Check, type PlanSections } from "./checks/index.ts";
import { PlanError, pathOf, shown, type Finding, type Problem } from "./problems.ts";
import { isRead, readYaml, type ReadText } from "./read-yaml.ts";
import { planSchema, type Plan } from "./schema/plan.ts";
import { findingsOf, valueAt } from "./schema-problems.ts";

/** Each process parses one plan, for which compiling the schema takes longer than it saves. */
const readOnce = { jitless: true } as const;

/**
 * Loads the plan at `path`; `also` adds rules to the plan's own.
 * @throws PlanError with all problems of an invalid plan
 */
export function loadPlan(path: string, also: readonly Check[] = []): Plan {
  return parsePlan(readText(path), path, also);
}

/**
 * Parses a plan; `source` names it in problems, `also` adds rules to the plan's own.
 * @throws PlanError with all problems of an invalid plan
 */
export function parsePlan(text: string, source: string, also: readonly Check[] = []): Plan {
  const read = readYaml(text);
  if (!isRead(read)) throw new PlanError(source, read);
  const parsed = planSchema.safeParse(read.data, readOnce);
  const findings = parsed.success
    ? findInconsistencies(parsed.data, also)
    : [
        ...findingsOf(parsed.error.issues, planSchema, read.data),
        ...findInconsistencies(validSections(read.data), also),
      ];
  if (parsed.success && findings.length === 0) return parsed.data;
  throw new PlanError(source, located(findings, read));
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const rule = `cannot be read (${error instanceof Error ? error.message : String(error)})`;
    throw new PlanError(path, [{ where: "", value: "the file", rule, remedy: "name a file that exists" }]);
  }
}

/** Sections that are valid on their own, so that inconsistencies among them are reported too. */
function validSections(data: unknown): PlanSections {
  const sound = Object.entries(planSchema.shape).flatMap(([name, schema]) => {
    const parsed = schema.safeParse(valueAt(data, [name]), readOnce);
    return parsed.success ? [[name, parsed.data] as const] : [];
  });
  return Object.fromEntries(sound) as PlanSections;
}

function located(findings: readonly Finding[], { data, lineOf }: ReadText): Problem[] {
  return findings
    .map(({ path, rule, remedy }): Problem => {
      const problem = { where: pathOf(path), value: shown(valueAt(data, path)), rule, remedy };
      const line = lineOf(path);
      return line === undefined ? problem : { ...problem, line };
    })
    .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
}
