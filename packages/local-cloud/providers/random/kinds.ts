/** The resource types of `@pulumi/random`: inputs, validation and generation. */
import { plain, type Json, type JsonObject, type Properties } from "../values.ts";
import type { CheckFailure } from "../provider.ts";
import { below, pick, shuffled, type Source } from "./sources.ts";
import { findTextProblems, randomText, type TextSpec } from "./text.ts";
import { adjectives, adverbs, animals } from "./words.ts";

export type InputType = "count" | "integer" | "boolean" | "text" | "texts" | "map";

interface Input {
  type: InputType;
  required?: true;
  default?: Json;
}

export interface RandomKind {
  inputs: Record<string, Input>;
  /** Names of the generated outputs, unknown in a preview. */
  results: string[];
  /** Whether the generated outputs are secret. */
  isSecret?: true;
  /** Validates combinations of inputs whose types are valid. */
  findProblems?: (inputs: JsonObject) => CheckFailure[];
  generate(inputs: JsonObject, source: Source): Properties;
  /** Output that is the ID. @default "none" is the ID */
  idFrom?: string;
}

const keepers: Record<string, Input> = { keepers: { type: "map" } };

const textInputs: Record<string, Input> = {
  ...keepers,
  length: { type: "count", required: true },
  lower: { type: "boolean", default: true },
  upper: { type: "boolean", default: true },
  numeric: { type: "boolean", default: true },
  number: { type: "boolean" },
  special: { type: "boolean", default: true },
  minLower: { type: "count", default: 0 },
  minUpper: { type: "count", default: 0 },
  minNumeric: { type: "count", default: 0 },
  minSpecial: { type: "count", default: 0 },
  overrideSpecial: { type: "text" },
};

/** `number` is the deprecated name of `numeric`. */
function textSpec(inputs: JsonObject): TextSpec {
  const flag = (name: string): boolean => inputs[name] === true;
  const count = (name: string): number => Number(inputs[name] ?? 0);
  const { overrideSpecial } = inputs;
  return {
    length: count("length"),
    lower: flag("lower"),
    upper: flag("upper"),
    numeric: (inputs.number ?? inputs.numeric) === true,
    special: flag("special"),
    minLower: count("minLower"),
    minUpper: count("minUpper"),
    minNumeric: count("minNumeric"),
    minSpecial: count("minSpecial"),
    overrideSpecial: typeof overrideSpecial === "string" ? overrideSpecial : undefined,
  };
}

const textKind: RandomKind = {
  inputs: textInputs,
  results: ["result"],
  findProblems: (inputs) => findTextProblems(textSpec(inputs)),
  generate: (inputs, source) => ({ result: randomText(textSpec(inputs), source) }),
};

const atLeastOne =
  (property: string) =>
  (inputs: JsonObject): CheckFailure[] =>
    (inputs[property] as number) >= 1
      ? []
      : [{ property, reason: `must be at least 1, is ${String(inputs[property])}` }];

const uuid = (version: 4 | 7): RandomKind => ({
  inputs: keepers,
  results: ["result"],
  idFrom: "result",
  generate: (_, source) => {
    const bytes = Buffer.from(source(16));
    if (version === 7) bytes.writeUIntBE(Date.now(), 0, 6);
    bytes[6] = ((bytes[6] as number) & 0x0f) | (version << 4);
    bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
    return { result: bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5") };
  },
});

/** By type token. `bcryptHash` of passwords is not supported. */
export const randomKinds: Record<string, RandomKind> = {
  "random:index/randomPassword:RandomPassword": { ...textKind, isSecret: true },
  "random:index/randomString:RandomString": { ...textKind, idFrom: "result" },
  "random:index/randomUuid:RandomUuid": uuid(4),
  "random:index/randomUuid4:RandomUuid4": uuid(4),
  "random:index/randomUuid7:RandomUuid7": uuid(7),
  "random:index/randomBytes:RandomBytes": {
    inputs: { ...keepers, length: { type: "count", required: true } },
    results: ["base64", "hex"],
    isSecret: true,
    findProblems: atLeastOne("length"),
    generate: ({ length }, source) => {
      const bytes = source(length as number);
      return { base64: bytes.toString("base64"), hex: bytes.toString("hex") };
    },
  },
  "random:index/randomId:RandomId": {
    inputs: { ...keepers, byteLength: { type: "count", required: true }, prefix: { type: "text" } },
    results: ["b64Std", "b64Url", "dec", "hex"],
    idFrom: "b64Url",
    findProblems: atLeastOne("byteLength"),
    generate: ({ byteLength, prefix }, source) => {
      const bytes = source(byteLength as number);
      const [hex, b64Std, b64Url] = [bytes.toString("hex"), bytes.toString("base64"), bytes.toString("base64url")];
      const forms = { b64Std, b64Url, dec: BigInt(`0x${hex}`).toString(), hex };
      return Object.fromEntries(Object.entries(forms).map(([name, form]) => [name, `${String(prefix ?? "")}${form}`]));
    },
  },
  "random:index/randomInteger:RandomInteger": {
    inputs: {
      ...keepers,
      min: { type: "integer", required: true },
      max: { type: "integer", required: true },
      seed: { type: "text" },
    },
    results: ["result"],
    idFrom: "result",
    findProblems: ({ min, max }) =>
      (max as number) >= (min as number)
        ? []
        : [{ property: "max", reason: `is ${String(max)}, below min, which is ${String(min)}` }],
    generate: ({ min, max }, source) => ({
      result: (min as number) + below((max as number) - (min as number) + 1, source),
    }),
  },
  "random:index/randomShuffle:RandomShuffle": {
    inputs: {
      ...keepers,
      inputs: { type: "texts", required: true },
      resultCount: { type: "count" },
      seed: { type: "text" },
    },
    results: ["results"],
    findProblems: ({ inputs, resultCount }) =>
      (inputs as Json[]).length > 0 || !resultCount
        ? []
        : [{ property: "inputs", reason: `is empty, but resultCount is ${String(resultCount)}` }],
    generate: ({ inputs, resultCount }, source) => {
      const items = inputs as string[];
      const want = (resultCount as number | undefined) ?? items.length;
      const results: string[] = [];
      while (results.length < want) results.push(...shuffled(items, source)); // more results than inputs: shuffle again
      return { results: results.slice(0, want) };
    },
  },
  "random:index/randomPet:RandomPet": {
    inputs: {
      ...keepers,
      length: { type: "count", default: 2 },
      prefix: { type: "text" },
      separator: { type: "text", default: "-" },
    },
    results: [],
    idFrom: "name",
    findProblems: atLeastOne("length"),
    generate: ({ length, prefix, separator }, source) => {
      const want = length as number;
      const words = [
        ...Array.from({ length: Math.max(0, want - 2) }, () => pick(adverbs, source)),
        ...(want >= 2 ? [pick(adjectives, source)] : []),
        pick(animals, source),
      ];
      return { name: [...(prefix ? [prefix] : []), ...words].join(String(separator)) };
    },
  },
};

const types: Record<InputType, (value: Json) => boolean> = {
  count: (value) => Number.isInteger(value) && (value as number) >= 0,
  integer: (value) => Number.isSafeInteger(value),
  boolean: (value) => typeof value === "boolean",
  text: (value) => typeof value === "string",
  texts: (value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
  map: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
};

export const isOfType = (type: InputType, value: Json): boolean => types[type](plain(value));
