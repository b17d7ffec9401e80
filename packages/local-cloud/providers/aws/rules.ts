/** Checks of single inputs, which the official provider makes before any call. Absent and unknown values pass. */
import type { CheckFailure } from "../provider.ts";
import { isObject, type Json, type Properties } from "../values.ts";
import { number, text, texts } from "./inputs.ts";

/** Path of an input in the error message, if it is not at the top level. */
const within = (path: string, property: string): string => (path === "" ? property : `${path}.${property}`);

export function oneOf(inputs: Properties | undefined, property: string, allowed: readonly string[], path = "") {
  const value = text(inputs, property);
  return value === undefined || allowed.includes(value)
    ? []
    : failure(within(path, property), `is ${JSON.stringify(value)}, but must be ${list(allowed)}`);
}

export function bounds(
  inputs: Properties | undefined,
  property: string,
  { least, most }: { least: number; most?: number },
  path = "",
): CheckFailure[] {
  const value = number(inputs, property);
  if (value === undefined || (value >= least && value <= (most ?? Infinity))) return [];
  return failure(
    within(path, property),
    `is ${value}, but must be ${most === undefined ? `${least} or more` : `${least} to ${most}`}`,
  );
}

export function longest(inputs: Properties | undefined, property: string, most: number, path = ""): CheckFailure[] {
  const value = text(inputs, property);
  return value === undefined || value.length <= most
    ? []
    : failure(within(path, property), `has ${value.length} characters, but may have at most ${most}`);
}

/** One ARN, or a list of them. */
export function arns(inputs: Properties | undefined, property: string, path = ""): CheckFailure[] {
  const one = text(inputs, property);
  const all = one === undefined ? texts(inputs, property) : [one];
  return all.flatMap((value) => {
    const wrong = arnProblem(value);
    return wrong === undefined ? [] : failure(within(path, property), `is "${value}", which ${wrong}`);
  });
}

/** A policy document as JSON text; an object needs no check. */
export function policies(inputs: Properties, ...properties: string[]): CheckFailure[] {
  return properties.flatMap((property) => {
    const policy = text(inputs, property);
    const wrong = policy === undefined || policy === "" ? undefined : policyProblem(policy);
    return wrong === undefined ? [] : failure(property, wrong);
  });
}

const failure = (property: string, reason: string): CheckFailure[] => [{ property, reason }];

const list = (allowed: readonly string[]): string =>
  allowed.length < 3 ? allowed.join(" or ") : `one of ${allowed.join(", ")}`;

/** Rule that a text breaks as an ARN; undefined if it is one. */
function arnProblem(value: string): string | undefined {
  const [arn, partition = "", service = "", region = "", account = "", ...resource] = value.split(":");
  if (arn !== "arn" || resource.length === 0) return "is not an ARN: arn:partition:service:region:account:resource";
  if (!/^aws(-[a-z]+)*$/.test(partition)) return `has no valid partition: "${partition}"`;
  if (service === "") return "has no service";
  if (region !== "" && !/^[a-z]{2}(-[a-z]+)+-\d{1,2}$/.test(region)) return `has no valid region: "${region}"`;
  if (account !== "" && !/^(\d{12}|aws|aws-managed|aws-marketplace|third-party|cw.{10})$/.test(account))
    return `has no valid account: "${account}"`;
  return resource.join(":") === "" ? "has no resource" : undefined;
}

function policyProblem(policy: string): string | undefined {
  try {
    const parsed = JSON.parse(policy) as Json;
    if (!isObject(parsed)) return "is not a policy: it must be a JSON object";
    return parsed.Statement === undefined ? "has no Statement" : undefined;
  } catch (error) {
    return `is not valid JSON: ${(error as Error).message}`;
  }
}
