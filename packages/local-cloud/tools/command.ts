/** Runs the short commands that build tools; each has a time limit and ends with us. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { tiedCommand } from "../run/index.ts";

export interface CommandOptions {
  cwd?: string;
  /** Added to this process's environment. */
  env?: Record<string, string>;
  limitSeconds: number;
  /** Called with each line of standard error. */
  onErrorLine?: (line: string) => void;
}

const keptCharacters = 4_000;

/** Returns standard output; fails with the end of what the command said. */
export async function run(command: string, args: string[], options: CommandOptions): Promise<string> {
  const [file, argv] = tiedCommand(command, command, args);
  const child = spawn(file, argv, {
    detached: true, // its own group, which a time limit ends whole
    stdio: "pipe",
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let output = "";
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-keptCharacters)));
  if (options.onErrorLine) createInterface({ input: child.stderr }).on("line", options.onErrorLine);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  }, options.limitSeconds * 1000);
  try {
    const status = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    if (status === 0) return output;
    const why = late ? `took longer than ${options.limitSeconds} s` : `ended with status ${status}`;
    throw new Error(`${[command, ...args].join(" ")} ${why}:\n${said.trim() || output.slice(-keptCharacters).trim()}`);
  } finally {
    clearTimeout(timer);
  }
}
