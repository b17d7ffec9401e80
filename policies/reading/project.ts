/** Finds the project's directory: the engine starts a pack in the pack's own directory and passes no other. */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { projectAbove, projectVariable } from "../../contract/index.ts";

const remedy = `set ${projectVariable} to the directory of its Pulumi.yaml, or planFile to an absolute path`;

/**
 * Directory of the deployed project: from the environment, otherwise the one that contains the pack.
 * @throws if that is another project, or if the command was started in another copy of it: a relative planFile would
 * refer to another copy's plan
 */
export function projectDirectory(pack: string = import.meta.dirname): string {
  const project = pulumi.getProject();
  const named = process.env[projectVariable];
  if (named !== undefined) {
    if (nameIn(named) === project) return named;
    throw new Error(`${projectVariable} is ${named}, which has no Pulumi.yaml of project ${project}; correct it`);
  }
  const found = namedProjectAbove(pack, project);
  if (found === undefined) throw new Error(`no Pulumi.yaml of project ${project} above the pack in ${pack}; ${remedy}`);
  const started = namedProjectAbove(process.env["PWD"] ?? found, project) ?? found;
  if (started === found) return found;
  throw new Error(`project ${project} is both in ${found}, above the pack, and in ${started}; ${remedy}`);
}

/** The nearest project in or above a directory, if it has the given name. */
function namedProjectAbove(directory: string, name: string): string | undefined {
  const path = existsSync(directory) ? projectAbove(realpathSync(directory)) : undefined;
  return path !== undefined && nameIn(path) === name ? path : undefined;
}

function nameIn(directory: string): unknown {
  const file = join(directory, "Pulumi.yaml");
  return existsSync(file) ? (parse(readFileSync(file, "utf8")) as { name?: unknown } | null)?.name : undefined;
}
