import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { projectName, otherSite, siteEndpoint, type SiteEndpoint } from "../contract/index.ts";
import type { StackSettings } from "./stacks.ts";

/** The stack of the other site, as this project's own files know it: neither its state nor its region is asked. */
export interface OtherStack {
  /** Name of the stack, e.g. `prod`. */
  name: string;
  /** How its site answers. */
  endpoint: SiteEndpoint;
}

/**
 * The one stack beside this one that owns the other site of the same service; undefined where the project directory
 * has no configuration of it, or several that it could be.
 */
export function findOtherStack(projectDirectory: string, settings: StackSettings): OtherStack | undefined {
  const found = stackFiles(projectDirectory).filter(({ config }) => isPartner(config, settings));
  const [first] = found;
  if (!first || found.length > 1) return undefined;
  return { name: first.name, endpoint: siteEndpoint(textOf(first.config, "certificateArn")) };
}

interface StackFile {
  name: string;
  config: Record<string, unknown>;
}

function stackFiles(directory: string): StackFile[] {
  return readdirSync(directory).flatMap((file) => {
    const name = /^Pulumi\.(.+)\.ya?ml$/.exec(file)?.[1];
    const config = name === undefined ? undefined : configOf(join(directory, file));
    return name === undefined || config === undefined ? [] : [{ name, config }];
  });
}

/** A file that cannot be read belongs to no stack that this command could use. */
function configOf(path: string): Record<string, unknown> | undefined {
  try {
    const content = parse(readFileSync(path, "utf8")) as { config?: Record<string, unknown> } | null;
    return content?.config ?? undefined;
  } catch {
    return undefined;
  }
}

/** The regions and the public name tell one service's pair of stacks from another's, e.g. that of a test environment. */
function isPartner(config: Record<string, unknown>, { site, topology, publicHostname }: StackSettings): boolean {
  return (
    textOf(config, "site") === otherSite(site) &&
    textOf(config, "primaryRegion") === topology.primaryRegion &&
    textOf(config, "alternateRegion") === topology.alternateRegion &&
    textOf(config, "publicHostname") === publicHostname
  );
}

function textOf(config: Record<string, unknown>, key: string): string | undefined {
  const value = config[`${projectName}:${key}`];
  return typeof value === "string" ? value : undefined;
}
