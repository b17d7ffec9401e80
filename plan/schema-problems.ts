/** Converts schema issues into problems with a remedy. */
import { z } from "zod";
import { nearestName } from "./near-name.ts";
import { pathOf, type Finding, type Refusal } from "./problems.ts";

type Issue = z.core.$ZodIssue;

/** Findings of the schema's issues; a misspelt field is reported once, not also as missing. */
export function findingsOf(issues: readonly Issue[], schema: z.core.$ZodType, data: unknown): Finding[] {
  const missing = issues.filter((issue) => isMissing(issue, data));
  const meant = new Set<string>();
  const unknown = issues.flatMap((issue) =>
    issue.code === "unrecognized_keys" ? issue.keys.map((key) => unknownField(issue, key, schema, missing, meant)) : [],
  );
  const others = issues
    .filter((issue) => issue.code !== "unrecognized_keys" && !meant.has(pathOf(issue.path)))
    .map((issue) => findingOf(issue, schema, valueAt(data, issue.path)));
  return [...unknown, ...others];
}

function unknownField(
  { path }: Issue,
  key: string,
  schema: z.core.$ZodType,
  missing: readonly Issue[],
  meant: Set<string>,
): Finding {
  const known = fieldsOf(schemaAt(schema, path));
  const absent = known.filter((name) => missing.some((issue) => pathOf(issue.path) === pathOf([...path, name])));
  const near = nearestName(key, absent) ?? nearestName(key, known);
  if (near && absent.includes(near)) meant.add(pathOf([...path, near]));
  return {
    path: [...path, key],
    rule: "the plan has no such field here",
    remedy: near ? `did you mean ${near}?` : `remove it; known are ${known.join(", ")}`,
  };
}

function findingOf(issue: Issue, schema: z.core.$ZodType, value: unknown): Finding {
  const { path } = issue;
  const description = describe(schemaAt(schema, path));
  if (value === undefined && path.length > 0) {
    return { path, rule: "must be given", remedy: `add ${String(path.at(-1))}${hint(description)}` };
  }
  if (issue.code === "custom") return { path, rule: issue.message, remedy: remedyOf(issue.params) };
  const { rule, remedy } = wording(issue, value);
  return { path, rule, remedy: `${remedy}${hint(description)}` };
}

function wording(issue: Issue, value: unknown): Refusal {
  switch (issue.code) {
    case "invalid_type":
      return { rule: `must be ${kinds[issue.expected] ?? issue.expected}`, remedy: "change its type" };
    case "too_small":
      if (issue.origin === "array") return { rule: "must have an entry", remedy: "add one" };
      return { rule: `must be ${issue.inclusive ? "at least" : "more than"} ${issue.minimum}`, remedy: "raise it" };
    case "too_big":
      return { rule: `must be ${issue.inclusive ? "at most" : "less than"} ${issue.maximum}`, remedy: "lower it" };
    case "invalid_value":
      return { rule: `must be ${issue.values.map(String).join(" or ")}`, remedy: didYouMean(value, issue.values) };
    default:
      return { rule: issue.message, remedy: "correct it" };
  }
}

function didYouMean(value: unknown, allowed: readonly unknown[]): string {
  const near = nearestName(String(value), allowed.map(String));
  return near ? `did you mean ${near}?` : "use an allowed value";
}

const kinds: Readonly<Record<string, string>> = {
  object: "a mapping of fields",
  record: "a mapping of fields",
  array: "a list",
  string: "text",
  number: "a number",
  int: "an integer",
  boolean: "true or false",
};

const remedyOf = (params: Record<string, unknown> | undefined) =>
  typeof params?.["remedy"] === "string" ? params["remedy"] : "correct it";

const hint = (description: string) => (description === "" ? "" : ` (${description.replace(/\.$/, "")})`);

function isMissing({ path, code }: Issue, data: unknown): boolean {
  return code !== "unrecognized_keys" && path.length > 0 && valueAt(data, path) === undefined;
}

/** Value at a path; undefined if there is none. */
export function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, key)
        ? (value as Record<PropertyKey, unknown>)[key]
        : undefined,
    data,
  );
}

/** Schema of the value at a path, as far as known. */
function schemaAt(schema: z.core.$ZodType | undefined, path: readonly PropertyKey[]): z.core.$ZodType | undefined {
  let at = schema;
  for (const key of path) {
    const inner = bare(at);
    if (inner instanceof z.ZodObject) at = (inner.shape as Record<PropertyKey, z.core.$ZodType>)[key];
    else if (inner instanceof z.ZodArray) at = inner.element;
    else if (inner instanceof z.ZodRecord) at = inner.valueType;
    else return undefined;
  }
  return at;
}

function bare(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return bare(schema.def.innerType);
  return schema;
}

function fieldsOf(schema: z.core.$ZodType | undefined): string[] {
  const inner = bare(schema);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

function describe(schema: z.core.$ZodType | undefined): string {
  for (let at = schema; at; at = at instanceof z.ZodPipe ? at.def.in : undefined) {
    const outer = z.globalRegistry.get(at)?.description ?? z.globalRegistry.get(bare(at) ?? at)?.description;
    if (outer !== undefined) return outer;
    const inner = bare(at);
    if (inner instanceof z.ZodPipe) return describe(inner.def.in);
  }
  return "";
}
