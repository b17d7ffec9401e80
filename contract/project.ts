import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** Name of the Pulumi project and namespace of its configuration keys. */
export const projectName = "vapora-continuity";

/**
 * Environment variable with the directory of Pulumi.yaml, for a policy pack outside the project that must find the plan.
 * The engine does not pass this directory to packs.
 */
export const projectVariable = "CONTINUITY_PROJECT";

/** The nearest directory with a Pulumi.yaml, in or above the given one. */
export function projectAbove(directory: string): string | undefined {
  const path = resolve(directory);
  if (existsSync(join(path, "Pulumi.yaml"))) return path;
  return path === dirname(path) ? undefined : projectAbove(dirname(path));
}
