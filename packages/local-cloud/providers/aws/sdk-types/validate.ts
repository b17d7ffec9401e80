/** Validates inputs against a schema: names, required properties and types. */
import type { CheckFailure } from "../../provider.ts";
import { childPath } from "../../differences.ts";
import { isObject, unknown, type Json, type Properties } from "../../values.ts";
import type { Digest, ObjectType, Shape } from "./digest.ts";
import { nearest } from "./nearest.ts";

/** All problems at once. Inputs are plain; unknown values are valid everywhere. */
export function inputProblems(digest: Digest, inputs: Properties): CheckFailure[] {
  const failures: CheckFailure[] = [];
  checkObject(digest.inputs, inputs, { path: "", types: digest.types, failures });
  return failures;
}

interface Place {
  path: string;
  types: Record<string, ObjectType>;
  failures: CheckFailure[];
}

const inside = (place: Place, key: string | number): Place => ({ ...place, path: childPath(place.path, key) });

function fail(place: Place, reason: string): void {
  place.failures.push({ property: place.path, reason });
}

function checkObject(type: ObjectType, value: Properties, place: Place): void {
  for (const [key, inner] of Object.entries(value)) {
    if (key.startsWith("__")) continue; // internal to the engine
    const property = Object.hasOwn(type, key) ? type[key] : undefined; // not "toString" and the like
    if (property) check(property.shape, inner, inside(place, key));
    else fail(inside(place, key), unknownName(key, Object.keys(type)));
  }
  for (const [key, { required }] of Object.entries(type)) {
    if (required && (value[key] ?? null) === null) fail(inside(place, key), `${key} is required`);
  }
}

function unknownName(name: string, names: string[]): string {
  const near = nearest(name, names);
  return `${name} is not a property of this type${near ? `; did you mean ${near}?` : ""}`;
}

function check(shape: Shape, value: Json, place: Place): void {
  if (value === unknown || value === null || shape.kind === "any") return;
  if (shape.kind === "union") checkUnion(shape.of, value, place);
  else if (!fits(shape, value)) fail(place, `is ${described(value)}, but must be ${expected[shape.kind]}`);
  else if (shape.kind === "list")
    (value as Json[]).forEach((item, index) => check(shape.of, item, inside(place, index)));
  else if (shape.kind === "map")
    for (const [key, item] of Object.entries(value as Properties)) check(shape.of, item, inside(place, key));
  else if (shape.kind === "object") checkObject(place.types[shape.type] ?? {}, value as Properties, place);
}

/** Objects may combine properties of several union members, as in TypeScript. */
function checkUnion(members: Shape[], value: Json, place: Place): void {
  const fitting = members.filter((member) => fits(member, value));
  const objects = fitting.flatMap((member) => (member.kind === "object" ? [place.types[member.type] ?? {}] : []));
  const [first] = fitting;
  if (!first) fail(place, `is ${described(value)}, but must be ${members.map((m) => expected[m.kind]).join(" or ")}`);
  else if (objects.length > 1) checkObject(mixed(objects), value as Properties, place);
  else check(first, value, place);
}

function mixed(types: ObjectType[]): ObjectType {
  const requiredByAll = (key: string): boolean => types.every((type) => type[key]?.required);
  const all = types.flatMap((type) => Object.entries(type));
  return Object.fromEntries(
    all.map(([key, { shape }]) => [key, requiredByAll(key) ? { shape, required: true as const } : { shape }]),
  );
}

const expected: Record<Shape["kind"], string> = {
  any: "anything",
  asset: "an asset",
  boolean: "true or false",
  list: "a list",
  map: "an object",
  number: "a number",
  object: "an object",
  scalar: "a string or a number",
  string: "a string",
  union: "one of several types",
};

function fits(shape: Shape, value: Json): boolean {
  switch (shape.kind) {
    case "any":
    case "union":
      return true;
    case "list":
      return Array.isArray(value);
    case "map":
    case "object":
    case "asset":
      return isObject(value);
    case "scalar":
      return typeof value === "string" || typeof value === "number";
    case "string":
    case "number":
    case "boolean":
      return typeof value === shape.kind;
  }
}

const described = (value: Json): string =>
  Array.isArray(value) ? "a list" : isObject(value) ? "an object" : JSON.stringify(value);
