/** Builds Go programs, with the machine's Go or one of our own. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "./command.ts";
import { goFromPython } from "./python.ts";
import type { Progress } from "./types.ts";

const wanted = { major: 1, minor: 26 };
const buildLimitSeconds = 3600;

/** True for Go 1.26 and later. */
export function suits(version: string): boolean {
  const match = /^go version go(\d+)\.(\d+)/.exec(version);
  return match !== null && Number(match[1]) === wanted.major && Number(match[2]) >= wanted.minor;
}

async function findGo(progress: Progress): Promise<string> {
  try {
    if (suits(await run("go", ["version"], { limitSeconds: 20, env: { GOTOOLCHAIN: "local" } }))) return "go";
  } catch {
    // none on PATH
  }
  return goFromPython(progress);
}

export interface GoProgram {
  /** Folder of go.mod and go.sum, which pin everything. */
  module: string;
  /** Import path or relative path of the program. */
  package: string;
  /** Values set at link time, by the name of their variable. */
  variables: Record<string, string>;
}

const environment = {
  CGO_ENABLED: "0", // no C compiler
  GOTOOLCHAIN: "local",
  GOFLAGS: "-mod=readonly",
  GOWORK: "off",
};

/** Runs the go command in a module. */
export async function go(
  module: string,
  args: string[],
  progress: Progress,
  env: Record<string, string> = {},
): Promise<string> {
  const command = await findGo(progress);
  return run(command, args, { cwd: module, env: { ...environment, ...env }, limitSeconds: buildLimitSeconds });
}

/** Builds one program to `output`. */
export async function buildGo(program: GoProgram, output: string, progress: Progress): Promise<void> {
  const variables = Object.entries(program.variables).map(([name, value]) => `-X ${name}=${value}`);
  const flags = ["-trimpath", "-buildvcs=false", "-ldflags", ["-s", "-w", ...variables].join(" ")];
  const beside = dirname(output); // an interrupted build leaves its scratch files where the next one cleans up
  await mkdir(beside, { recursive: true });
  await go(program.module, ["build", ...flags, "-o", output, program.package], progress, { GOTMPDIR: beside });
}

/** The version of a dependency that a module's go.mod pins. */
export function pinnedVersion(goMod: string, dependency: string): string {
  const line = goMod.split("\n").find((text) =>
    text
      .trim()
      .replace(/^require /, "")
      .startsWith(`${dependency} v`),
  );
  const version = line && /\sv(\S+)/.exec(line)?.[1];
  if (!version) throw new Error(`go.mod does not require ${dependency}`);
  return `v${version}`;
}

export const goModule = (name: string): string => join(import.meta.dirname, "go", name);
