/** Runs the real Pulumi engine on a small program, with local providers attached. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../../..", import.meta.url));
const commandLimitMilliseconds = 180_000;

export interface CommandResult {
  code: number;
  /** Standard output and error, in that order. */
  text: string;
  seconds: number;
}

export interface Engine {
  /** Runs one pulumi command, with the environment in its last argument, if that is an object; a failure is a result, not an error. */
  pulumi(...args: (string | Record<string, string>)[]): Promise<CommandResult>;
}

export interface EngineOptions {
  directory: string;
  /** Program: a folder with an `index.ts`. */
  program: string;
  /** The Pulumi CLI, and the folder with the language host. */
  pulumi: string;
  binDir: string;
  debugProviders: string;
}

/** Creates a project with its own state, home and passphrase, and a copy of the program. */
export function makeEngine(options: EngineOptions): Engine {
  const project = join(options.directory, "project");
  const [home, state] = ["home", "state"].map((name) => join(options.directory, name));
  for (const folder of [project, home, state]) mkdirSync(folder as string, { recursive: true });
  cpSync(options.program, project, { recursive: true });
  symlinkSync(join(repository, "node_modules"), join(project, "node_modules"));
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "test", type: "module" }));
  const runtime = { name: "nodejs", options: { typescript: false, nodeargs: "--import tsx" } };
  writeFileSync(join(project, "Pulumi.yaml"), JSON.stringify({ name: "test", main: "index.ts", runtime }));
  const env = {
    PATH: [join(repository, "node_modules/.bin"), options.binDir, process.env.PATH].join(":"),
    HOME: home,
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_DEBUG_PROVIDERS: options.debugProviders,
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_SKIP_UPDATE_CHECK: "1",
  };
  return {
    pulumi: (...args) => {
      const more = Object.assign({}, ...args.filter((arg) => typeof arg === "object")) as Record<string, string>;
      const words = args.filter((arg) => typeof arg === "string");
      return run(options.pulumi, words, project, { ...env, ...more } as NodeJS.ProcessEnv);
    },
  };
}

function run(program: string, args: string[], cwd: string, env: NodeJS.ProcessEnv): Promise<CommandResult> {
  const began = Date.now();
  const options = { cwd, env, timeout: commandLimitMilliseconds, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((resolve) => {
    execFile(program, [...args, "--non-interactive"], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ code, text: stdout + stderr, seconds: (Date.now() - began) / 1000 });
    });
  });
}
