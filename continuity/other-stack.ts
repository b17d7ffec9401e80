import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { projectName, otherSite, siteEndpoint, type SiteEndpoint } from "../contract/index.ts";
import type { StackSettings } from "./stacks.ts";

/** The other site's stack, from this project's files only: neither its state nor its region is accessed. */
export interface OtherStack {
  /** Name of the stack, e.g. `prod`. */
  name: string;
  /** Scheme and port of its site. */
  endpoint: SiteEndpoint;
}

/**
 * Finds the stack that owns the other site of the same service; undefined if the project directory has none or several
 * candidates.
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

/** An unreadable file belongs to no usable stack. */
function configOf(path: string): Record<string, unknown> | undefined {
  try {
    const content = parse(readFileSync(path, "utf8")) as { config?: Record<string, unknown> } | null;
    return content?.config ?? undefined;
  } catch {
    return undefined;
  }
}

/** Regions and public name distinguish the pairs of stacks of different services or environments. */
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
