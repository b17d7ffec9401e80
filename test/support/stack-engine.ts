/** The real engine with a program of this repository, the three stacks' configuration and a separate state. */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import type { Pulumi } from "@vapora-continuity/local-cloud/tools";

const repository = resolve(import.meta.dirname, "../..");
const limitMilliseconds = 180_000;

export interface Result {
  code: number;
  text: string;
}

export interface StackEngine {
  /** Runs a pulumi command; a failure is a result, not an error. */
  pulumi(...args: string[]): Promise<Result>;
  /** Replaces the program. */
  use(program: string): void;
  /** Folder of the policy pack. */
  policyPack: string;
  /** Folder with Pulumi.yaml. */
  project: string;
  /** Environment of the engine. */
  env: Record<string, string>;
}

/** Creates a project whose program is a file or folder of this repository, e.g. `main.js`. */
export function stackEngine(directory: string, program: string, tools: Pulumi, debugProviders: string): StackEngine {
  const [project, home, state] = ["project", "home", "state"].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [project, home, state]) mkdirSync(folder, { recursive: true });
  const settings = parse(readFileSync(join(repository, "Pulumi.yaml"), "utf8"));
  const use = (main: string): void =>
    writeFileSync(join(project, "Pulumi.yaml"), stringify({ ...settings, main: resolve(repository, main) }));
  use(program);
  for (const name of ["shared", "prod", "dr"]) {
    const { config, ...rest } = parse(readFileSync(join(repository, `Pulumi.${name}.yaml`), "utf8"));
    const own = { ...config, [`${settings.name}:planFile`]: join(repository, "plan/continuity.yaml") };
    writeFileSync(join(project, `Pulumi.${name}.yaml`), stringify({ ...rest, config: own }));
  }
  const own = {
    PATH: [tools.binDir, join(repository, "node_modules/.bin"), process.env["PATH"]].join(":"),
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_DEBUG_PROVIDERS: debugProviders,
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_SKIP_CHECKPOINTS: "true",
  };
  const pulumi = (...args: string[]): Promise<Result> =>
    new Promise((done) => {
      const env = { ...process.env, ...own };
      const options = { cwd: project, env, timeout: limitMilliseconds, maxBuffer: 64 * 1024 * 1024 };
      execFile(tools.pulumi, [...args, "--non-interactive"], options, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
        done({ code, text: stdout + stderr });
      });
    });
  return { pulumi, use, policyPack: join(repository, "policies"), project, env: own };
}
