/** Autonaming in the format of the official provider. */
import { randomBytes } from "node:crypto";
import type { Naming } from "./resource-type.ts";
import type { Json, Properties } from "../values.ts";

/** Input in which the official provider, too, lists generated properties. */
export const generatedKey = "__defaults";

/** Sets a missing name; keeps a previously generated one. */
export function withName(
  naming: Naming | undefined,
  logicalName: string,
  inputs: Properties,
  old: Properties | undefined,
): Properties {
  if (!naming || inputs[naming.property] !== undefined) return inputs;
  const kept = old && isGenerated(naming, old) && samePrefix(naming, old, inputs) ? old[naming.property] : undefined;
  const name: Json = kept ?? generate(naming, logicalName, inputs);
  return { ...inputs, [naming.property]: name, [generatedKey]: [naming.property] };
}

/** Whether the name is generated, so that a replacement can coexist with the old resource. */
export function isGenerated(naming: Naming | undefined, inputs: Properties): boolean {
  const generated = inputs[generatedKey];
  return naming !== undefined && Array.isArray(generated) && generated.includes(naming.property);
}

function samePrefix({ prefixProperty }: Naming, old: Properties, inputs: Properties): boolean {
  return prefixProperty === undefined || old[prefixProperty] === inputs[prefixProperty];
}

function generate(naming: Naming, logicalName: string, inputs: Properties): string {
  const prefix = naming.prefixProperty ? inputs[naming.prefixProperty] : undefined;
  const digits = randomBytes(4).toString("hex").slice(0, 7);
  const suffix = naming.suffix?.(inputs) ?? "";
  const beginning = typeof prefix === "string" ? prefix : `${logicalName}-`;
  const cut = beginning.slice(0, naming.maxLength - digits.length - suffix.length);
  return `${naming.lowerCase ? cut.toLowerCase() : cut}${digits}${suffix}`;
}
