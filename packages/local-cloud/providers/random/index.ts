/** The local random provider: every resource of `@pulumi/random`, with the system's cryptographic randomness. */
import { differences } from "../differences.ts";
import type { CheckFailure, CheckResult, LocalProvider, ProviderCall } from "../provider.ts";
import { sdkVersion } from "../sdk-version.ts";
import {
  hasUnknown,
  plain,
  plainObject,
  secret,
  unknown,
  type Json,
  type JsonObject,
  type Properties,
} from "../values.ts";
import { isOfType, randomKinds, type RandomKind } from "./kinds.ts";
import { seededSource, systemSource } from "./sources.ts";

export { randomKinds } from "./kinds.ts";

/** Creates the provider. A result stays until an input changes, which replaces the resource. Import is not supported. */
export const randomProvider = (): LocalProvider => ({
  package: "random",
  version: sdkVersion("random"),
  check: async (call, _, newInputs) => check(kindOf(call.type), newInputs),
  diff: async (_call, _id, { oldInputs, newInputs }) => differences(oldInputs, newInputs, { replaces: () => true }),
  create: async (call, inputs) => create(call, kindOf(call.type), inputs),
  update: async (_call, _id, { oldOutputs }) => ({ outputs: oldOutputs }),
  read: async (call, id, { oldInputs, oldOutputs }) => {
    if (Object.keys(oldOutputs).length === 0)
      throw new Error(`${call.type} cannot be imported by the local random provider`);
    return { id, inputs: oldInputs, outputs: oldOutputs };
  },
  delete: async () => {},
  invoke: async (_call, token) => ({
    failures: [{ property: "", reason: `${token} is not supported by the local random provider` }],
  }),
});

function kindOf(type: string): RandomKind {
  const kind = randomKinds[type];
  if (!kind) throw new Error(`the local random provider has no resource type ${type}`);
  return kind;
}

/** Sets defaults; rejects unknown properties, wrong types and invalid combinations. */
function check(kind: RandomKind, newInputs: Properties): CheckResult {
  const failures: CheckFailure[] = [];
  for (const [property, value] of Object.entries(newInputs)) {
    const input = kind.inputs[property];
    if (!input)
      failures.push({ property, reason: `is not an input; use one of ${Object.keys(kind.inputs).join(", ")}` });
    else if (!hasUnknown(value) && !isOfType(input.type, value)) {
      failures.push({ property, reason: `must be ${describe[input.type]}, is ${JSON.stringify(plain(value))}` });
    }
  }
  for (const [property, { required }] of Object.entries(kind.inputs)) {
    if (required && !(property in newInputs)) failures.push({ property, reason: "is required" });
  }
  const inputs = { ...defaults(kind), ...newInputs };
  if (failures.length === 0 && !hasUnknown(inputs)) failures.push(...(kind.findProblems?.(plainObject(inputs)) ?? []));
  return { inputs, failures };
}

const describe = {
  count: "an integer of at least 0",
  integer: "an integer",
  boolean: "true or false",
  text: "a string",
  texts: "a list of strings",
  map: "a map",
} as const;

const defaults = (kind: RandomKind): Properties =>
  Object.fromEntries(
    Object.entries(kind.inputs).flatMap(([name, input]) =>
      input.default === undefined ? [] : [[name, input.default]],
    ),
  );

function create(call: ProviderCall, kind: RandomKind, inputs: Properties): { id: string; outputs: Properties } {
  if (call.preview) {
    const results = kind.results.map((name) => [name, unknown] as const);
    return { id: "", outputs: { ...inputs, ...Object.fromEntries(results) } };
  }
  const wanted = plainObject(inputs);
  const generated = kind.generate(wanted, typeof wanted.seed === "string" ? seededSource(wanted.seed) : systemSource);
  const results = kind.results.map((name) => [name, result(kind, generated, name)] as const);
  return {
    id: kind.idFrom === undefined ? "none" : String(generated[kind.idFrom]),
    outputs: { ...inputs, ...Object.fromEntries(results) },
  };
}

function result(kind: RandomKind, generated: JsonObject, name: string): Json {
  const value = generated[name] ?? null;
  return kind.isSecret ? secret(value) : value;
}
