/** Reads a plan and refuses one that is wrong, with every problem at once. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { findInconsistencies, type Check, type PlanSections } from "./checks/index.ts";
import { PlanError, pathOf, shown, type Finding, type Problem } from "./problems.ts";
import { isRead, readYaml, type ReadText } from "./read-yaml.ts";
import { planSchema, type Plan } from "./schema/plan.ts";
import { findingsOf, valueAt } from "./schema-problems.ts";

const defaultFile = fileURLToPath(new URL("continuity.yaml", import.meta.url));

/** A plan is read once a process: compiling its schema would take longer than reading. */
const readOnce = { jitless: true } as const;

/**
 * Loads the plan beside this module, or the one at `path`. `also` adds rules to the plan's own.
 * @throws PlanError with every problem of a plan that cannot be used.
 */
export function loadPlan(path: string = defaultFile, also: readonly Check[] = []): Plan {
  return parsePlan(readText(path), path, also);
}

/**
 * Reads a plan from its text; `source` names it in problems, `also` adds rules to the plan's own.
 * @throws PlanError with every problem of a plan that cannot be used.
 */
export function parsePlan(text: string, source: string, also: readonly Check[] = []): Plan {
  const read = readYaml(text);
  if (!isRead(read)) throw new PlanError(source, read);
  const parsed = planSchema.safeParse(read.data, readOnce);
  const findings = parsed.success
    ? findInconsistencies(parsed.data, also)
    : [
        ...findingsOf(parsed.error.issues, planSchema, read.data),
        ...findInconsistencies(soundSections(read.data), also),
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

/** The sections that are right in themselves, so that their inconsistencies are told as well. */
function soundSections(data: unknown): PlanSections {
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
