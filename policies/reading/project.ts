/** Which directory is the project's: the engine starts a pack in the pack's own directory and passes it no other. */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { projectAbove, projectVariable } from "../../contract/index.ts";

const remedy = `set ${projectVariable} to the directory of its Pulumi.yaml, or planFile to an absolute path`;

/**
 * The directory of the project that is deployed: as the environment names it, otherwise the one that contains the pack.
 * @throws where that is another project, or where the command was started in another copy of it: a relative planFile
 * would then name somebody else's plan
 */
export function projectDirectory(pack: string = import.meta.dirname): string {
  const project = pulumi.getProject();
  const named = process.env[projectVariable];
  if (named !== undefined) {
    if (nameIn(named) === project) return named;
    throw new Error(`${projectVariable} is ${named}, there is no Pulumi.yaml of project ${project}; correct it`);
  }
  const found = namedProjectAbove(pack, project);
  if (found === undefined) throw new Error(`no Pulumi.yaml of project ${project} above the pack in ${pack}; ${remedy}`);
  const started = namedProjectAbove(process.env["PWD"] ?? found, project) ?? found;
  if (started === found) return found;
  throw new Error(`project ${project} is both in ${found}, above the pack, and in ${started}; ${remedy}`);
}

/** The nearest project in or above a directory, where its name is the given one. */
function namedProjectAbove(directory: string, name: string): string | undefined {
  const path = existsSync(directory) ? projectAbove(realpathSync(directory)) : undefined;
  return path !== undefined && nameIn(path) === name ? path : undefined;
}

function nameIn(directory: string): unknown {
  const file = join(directory, "Pulumi.yaml");
  return existsSync(file) ? (parse(readFileSync(file, "utf8")) as { name?: unknown } | null)?.name : undefined;
}
