/** Finds and starts the official provider plugins, so that they pass the same suites as the local ones. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { spawnTied, type Run } from "../../../run/index.ts";

export interface Lookup {
  /** Path of the plugin; absent where it is not installed. */
  path?: string;
  /** Where it was looked for. */
  searched: string[];
}

/** Looks in PULUMI_HOME (by default `~/.pulumi`) for exactly this version, then in PATH. */
export function findPlugin(name: string, version: string, env: NodeJS.ProcessEnv = process.env): Lookup {
  const program = `pulumi-resource-${name}`;
  const plugins = join(env["PULUMI_HOME"] || join(homedir(), ".pulumi"), "plugins", `resource-${name}-v${version}`);
  const folders = [plugins, ...(env["PATH"] ?? "").split(delimiter).filter(Boolean)];
  const path = folders.map((folder) => join(folder, program)).find((file) => existsSync(file));
  return { ...(path !== undefined && { path }), searched: [plugins, "PATH"] };
}

/** Runs `suite` with the plugin where it is installed; else registers one pending test that names the missing plugin. */
export function withOfficialPlugin(
  name: string,
  version: string,
  suite: (path: string) => void,
  { env = process.env, pending = (title: string): void => void it(title) } = {},
): void {
  const { path, searched } = findPlugin(name, version, env);
  if (path !== undefined) suite(path);
  else
    pending(
      `the official ${name} provider ${version} is not installed (looked in ${searched.join(" and ")}): ` +
        `pulumi plugin install resource ${name} ${version}`,
    );
}

/** Starts a plugin, which prints its port on the first line; it ends with its run. */
export async function startPlugin(run: Run, name: string, path: string, engineAddress: string): Promise<number> {
  const plugin = spawnTied(path, [engineAddress], { run, label: `plugin-${name}` });
  const line = new Promise<string>((resolve) => createInterface({ input: plugin.stdout }).once("line", resolve));
  const ended = plugin.exited.then(() => Promise.reject(new Error(`${path} ended\n${plugin.logTail()}`)));
  const port = Number(await Promise.race([line, ended]));
  if (!(port > 0)) throw new Error(`${path} printed no port\n${plugin.logTail()}`);
  return port;
}
