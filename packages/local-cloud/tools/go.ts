/** Builds Go programs, with the machine's Go or one of our own. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "./command.ts";
import { CompileCount, compilerEnvironment, compilerFlags, staleTemplate } from "./compile.ts";
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
  /**
   * More flags of the go command.
   * @default none
   */
  flags?: string[];
}

const environment = {
  CGO_ENABLED: "0", // no C compiler
  GOTOOLCHAIN: "local",
  GOFLAGS: "-mod=readonly",
  GOWORK: "off",
};

export interface GoOptions {
  /** Added to the environment. */
  env?: Record<string, string>;
  /** Called with each line of standard error. */
  onErrorLine?: (line: string) => void;
}

/** Runs the go command in a module. */
export async function go(
  module: string,
  args: string[],
  progress: Progress,
  { env = {}, ...options }: GoOptions = {},
): Promise<string> {
  const command = await findGo(progress);
  return run(command, args, {
    cwd: module,
    env: { ...environment, ...env },
    limitSeconds: buildLimitSeconds,
    ...options,
  });
}

/**
 * Builds one program to `output`; `reach` takes how much of it is done. Missing modules are downloaded while other
 * programs are compiled.
 */
export async function buildGo(
  program: GoProgram,
  output: string,
  progress: Progress,
  reach: (share: number) => void = () => undefined,
): Promise<void> {
  const beside = dirname(output); // an interrupted build leaves its scratch files where the next one cleans up
  await mkdir(beside, { recursive: true });
  const env = { GOTMPDIR: beside, ...compilerEnvironment() };
  const command = (...args: string[]): [string, string[], Progress] => [program.module, args, progress];
  await go(...command("list", "-deps", program.package), { env });
  const flags = [...compilerFlags, ...(program.flags ?? [])];
  await inTurn(async (next) => {
    const stale = await go(...command("list", "-deps", ...flags, "-f", staleTemplate, program.package), { env });
    const count = new CompileCount(stale, reach);
    const onErrorLine = (line: string): void => {
      count.begins(line);
      if (count.ending) next();
    };
    const variables = Object.entries(program.variables).map(([name, value]) => `-X ${name}=${value}`);
    const link = ["-buildvcs=false", "-ldflags", ["-s", "-w", ...variables].join(" ")];
    await go(...command("build", "-v", ...flags, ...link, "-o", output, program.package), { env, onErrorLine });
  });
}

let turn: Promise<void> = Promise.resolve();

/**
 * One program is compiled after the other: two at once would compile twice what they share. The next one may begin
 * before the end, when there is no longer work for all cores.
 */
async function inTurn<T>(work: (next: () => void) => Promise<T>): Promise<T> {
  const before = turn;
  let next = (): void => undefined;
  turn = new Promise((resolve) => (next = resolve));
  await before;
  try {
    return await work(next);
  } finally {
    next();
  }
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
