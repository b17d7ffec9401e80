/** Outputs of an object, and inputs from its live state. */
import {
  defined,
  isObject,
  isSecret,
  plain,
  secret,
  unknown,
  type Json,
  type JsonObject,
  type Properties,
} from "../values.ts";
import { metadataOf } from "./objects.ts";

/** The live object without managed fields; values that are secret in the inputs are marked. */
export function outputsOf(live: JsonObject, inputs: Properties): Properties {
  const { managedFields: _, ...metadata } = metadataOf(live);
  const outputs = markSecrets({ ...live, metadata }, inputs) as Properties;
  if (live.kind !== "Secret") return outputs;
  return { ...outputs, ...(live.data !== undefined && { data: secret(live.data) }) };
}

/** Marks values at the paths of secret inputs, and strings equal to a secret anywhere. */
function markSecrets(live: JsonObject, inputs: Properties): Json {
  const hidden = new Set<string>();
  collect(inputs, false, hidden);
  const mark = (value: Json, shape: Json | undefined): Json => {
    if (isSecret(shape)) return secret(value);
    if (typeof value === "string") return hidden.has(value) ? secret(value) : value;
    if (Array.isArray(value))
      return value.map((item, index) => mark(item, Array.isArray(shape) ? shape[index] : undefined));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, mark(inner, isObject(shape) ? shape[key] : undefined)]),
    );
  };
  return mark(live, inputs);
}

/** Shorter secrets are marked by path only. */
const shortestRecognized = 4;

function collect(value: Json, inside: boolean, hidden: Set<string>): void {
  if (isSecret(value)) collect(plain(value), true, hidden);
  else if (typeof value === "string") {
    if (inside && value.length >= shortestRecognized) hidden.add(value);
  } else if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) collect(inner, inside, hidden);
  }
}

/** Outputs of a dry run; values that only the actual call determines are unknown. */
export function previewOf(dryRun: JsonObject, inputs: Properties, isNew: boolean): Properties {
  const outputs = outputsOf(dryRun, inputs);
  const metadata = metadataOf(dryRun);
  const decided = isNew
    ? ["uid", "creationTimestamp", "resourceVersion", "generation"]
    : ["resourceVersion", "generation"];
  const hidden = { ...metadataOf(outputs), ...Object.fromEntries(decided.map((key) => [key, unknown])) };
  const uid = metadata.uid;
  const preview: Properties = { ...outputs, metadata: hidden, ...(dryRun.status !== undefined && { status: unknown }) };
  return isNew ? (forget(preview, typeof uid === "string" ? uid : undefined) as Properties) : preview;
}

/** Fields that the API server allocates on creation. */
const allotted = new Set(["clusterIP", "clusterIPs", "nodePort", "healthCheckNodePort", "volumeName"]);

function forget(value: Json, uid: string | undefined): Json {
  if (uid !== undefined && value === uid) return unknown;
  if (Array.isArray(value)) return value.map((item) => forget(item, uid));
  if (!isObject(value) || isSecret(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      allotted.has(key) && inner !== "None" ? unknown : forget(inner, uid),
    ]),
  );
}

/** Inputs of an imported object: everything except status and generated metadata. */
export function importedInputs(live: JsonObject): Properties {
  const { status: _, ...rest } = live;
  const metadata = Object.fromEntries(
    Object.entries(metadataOf(live)).filter(([key]) => ["name", "namespace", "labels", "annotations"].includes(key)),
  );
  const inputs: Properties = { ...rest, metadata };
  return live.kind === "Secret" && live.data !== undefined ? { ...inputs, data: secret(live.data) } : inputs;
}

/** The live values of the properties in the inputs; differs from the inputs by drift. */
export function projected(live: JsonObject, inputs: Properties): Properties {
  const { stringData, ...rest } = inputs;
  const shape = project(live, rest, "") as Properties;
  if (stringData === undefined) return shape;
  return { ...shape, stringData: textData(live.data, stringData) };
}

/** `stringData` is write-only; the server returns it base64-encoded in `data`. */
function textData(data: Json | undefined, shape: Json): Json {
  const names = Object.keys(plain(shape) as JsonObject);
  const texts = names.map((name) => {
    const encoded = isObject(data) ? data[name] : undefined;
    return [name, typeof encoded === "string" ? Buffer.from(encoded, "base64").toString() : undefined] as const;
  });
  return secret(defined(Object.fromEntries(texts)));
}

function project(live: Json | undefined, shape: Json, key: string): Json {
  if (isSecret(shape)) return secret(project(live, plain(shape), key));
  if (live === undefined) return shape;
  if (Array.isArray(shape)) return Array.isArray(live) ? projectList(live, shape, key) : live;
  if (isObject(shape)) return isObject(live) ? projectObject(live, shape, key) : live;
  return sameQuantity(live, shape, key) ? shape : live;
}

/** Omits missing members, except empty ones, which the API server omits. */
const projectObject = (live: JsonObject, shape: JsonObject, key: string): JsonObject =>
  Object.fromEntries(
    Object.entries(shape)
      .filter(([name, value]) => name in live || isEmpty(plain(value)))
      .map(([name, value]) => [name, project(live[name], value, quantityKeys.has(key) ? key : name)]),
  );

/** Lists of named objects are merged by name, ignoring additional items. Other lists are compared as a whole. */
function projectList(live: Json[], shape: Json[], key: string): Json[] {
  const names = shape.map(nameOf);
  if (names.length > 0 && names.every((name) => name !== undefined)) {
    return shape.flatMap((item, index) => {
      const found = live.find((one) => nameOf(one) === names[index]);
      return found === undefined ? [] : [project(found, item, key)];
    });
  }
  return live.map((item, index) => (index < shape.length ? project(item, shape[index] as Json, key) : item));
}

const nameOf = (item: Json): Json | undefined => (isObject(item) ? (plain(item.name ?? null) ?? undefined) : undefined);

const isEmpty = (value: Json): boolean =>
  value === null ||
  value === "" ||
  value === 0 ||
  value === false ||
  (typeof value === "object" && Object.values(value).every(isEmpty));

const quantityKeys = new Set([
  "requests",
  "limits",
  "capacity",
  "hard",
  "sizeLimit",
  "divisor",
  "averageValue",
  "overhead",
  "default",
  "defaultRequest",
  "max",
  "min",
]);

/** The API server normalizes quantities: 1000m becomes 1. */
function sameQuantity(live: Json, shape: Json, key: string): boolean {
  if (!quantityKeys.has(key)) return false;
  const [one, other] = [quantity(live), quantity(shape)];
  return one !== undefined && one === other;
}

const factors: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** Parses a Kubernetes quantity: `500m` is 0.5. */
export function quantity(value: Json): number | undefined {
  const match = /^([+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)([KMGTPE]i|[numkMGTPE]?)$/.exec(String(value));
  const factor = match && factors[match[2] ?? ""];
  return match && factor !== undefined && factor !== null
    ? Number((Number(match[1]) * factor).toPrecision(12))
    : undefined;
}
