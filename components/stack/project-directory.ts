import { isAbsolute } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { projectAbove, projectVariable } from "../../contract/index.ts";

/**
 * Directory of the project's Pulumi.yaml, to which `planFile` is relative. Not every language host passes it to the SDK,
 * which then returns a word for it; so it is also what the environment names, or what contains the program.
 */
export function projectDirectory(root = pulumi.getRootDirectory(), program = process.cwd()): string {
  if (isAbsolute(root)) return root;
  return process.env[projectVariable] ?? projectAbove(program) ?? program;
}
