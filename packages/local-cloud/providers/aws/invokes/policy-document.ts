/** Renders an IAM policy document from its statements. */
import { hashOf } from "../recorded/hash.ts";
import { objects, text, texts } from "../inputs.ts";
import { isObject, type Json, type Properties } from "../../values.ts";
import type { FunctionKind } from "./function-kind.ts";

export const policyDocument: FunctionKind = {
  token: "aws:iam/getPolicyDocument:getPolicyDocument",
  arguments: ["overridePolicyDocuments", "policyId", "sourcePolicyDocuments", "statements", "version"],
  outputs: ["id", "json", "minifiedJson"],
  run: (_context, args) => {
    const document = render(args);
    const json = JSON.stringify(document, null, 2);
    const id = String(Number.parseInt(hashOf(json).hex(8), 16));
    return { ...args, id, json, minifiedJson: JSON.stringify(document), version: document.Version ?? "2012-10-17" };
  },
};

/** Later documents replace statements of the same Sid; sources of one Sid may not meet. */
function render(args: Properties): Properties {
  const own = objects(args, "statements").map(statement);
  const source = texts(args, "sourcePolicyDocuments").flatMap(statementsOf);
  const override = texts(args, "overridePolicyDocuments").flatMap(statementsOf);
  const sids = [...source, ...own].flatMap(({ Sid }) => (Sid ? [Sid] : []));
  const twice = sids.find((sid, index) => sids.indexOf(sid) !== index);
  if (twice !== undefined) throw new Error(`the Sid ${JSON.stringify(twice)} is used twice`);
  const overridden = new Map(override.flatMap((s): [Json, Properties][] => (s.Sid ? [[s.Sid, s]] : [])));
  const base = [...source, ...own].map((s) => (s.Sid && overridden.get(s.Sid)) || s);
  const known = new Set(sids as Json[]);
  const added = override.filter(({ Sid }) => !Sid || !known.has(Sid));
  const policyId = text(args, "policyId");
  return {
    Version: text(args, "version") ?? "2012-10-17",
    ...(policyId === undefined ? {} : { Id: policyId }),
    Statement: [...base, ...added],
  };
}

function statementsOf(document: string): Properties[] {
  const { Statement: found } = JSON.parse(document) as { Statement?: Json };
  return (Array.isArray(found) ? found : [found ?? null]).filter(isObject);
}

function statement(given: Properties): Properties {
  const lists = { Action: "actions", NotAction: "notActions", Resource: "resources", NotResource: "notResources" };
  const listed = Object.entries(lists).flatMap(([name, key]) => {
    const values = texts(given, key);
    return values.length > 0 ? [[name, oneOrMany(values)]] : [];
  });
  const sid = text(given, "sid");
  const condition = conditions(objects(given, "conditions"));
  return {
    ...(sid ? { Sid: sid } : {}),
    Effect: text(given, "effect") ?? "Allow",
    ...(Object.fromEntries(listed) as Properties),
    ...principals("Principal", objects(given, "principals")),
    ...principals("NotPrincipal", objects(given, "notPrincipals")),
    ...(Object.keys(condition).length > 0 ? { Condition: condition } : {}),
  };
}

const oneOrMany = (values: string[]): Json => (values.length === 1 ? (values[0] ?? "") : values);

function principals(name: string, given: Properties[]): Properties {
  if (given.length === 0) return {};
  const everyone = given.some((p) => p.type === "*" && texts(p, "identifiers").includes("*"));
  if (everyone) return { [name]: "*" };
  const types = [...new Set(given.map((p) => text(p, "type") ?? ""))];
  const ofType = (type: string): string[] =>
    given.filter((p) => p.type === type).flatMap((p) => texts(p, "identifiers"));
  return { [name]: Object.fromEntries(types.map((type) => [type, oneOrMany(ofType(type))])) };
}

function conditions(given: Properties[]): Properties {
  const tests: Record<string, Properties> = {};
  for (const condition of given) {
    const test = text(condition, "test") ?? "";
    tests[test] = { ...tests[test], [text(condition, "variable") ?? ""]: oneOrMany(texts(condition, "values")) };
  }
  return tests;
}
