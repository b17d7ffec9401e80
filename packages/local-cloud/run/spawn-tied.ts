/** Starts children that never outlive us, not even after kill -9. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { killTree, identify, signal } from "./processes.ts";
import type { Run } from "./run.ts";
import { tiedCommand } from "./tie.ts";

export interface TiedOptions {
  run: Run;
  /** Names the log file and the entry in the run's register. */
  label: string;
  /**
   * Whether the program itself ends when its standard input reaches its end. If not, a small shell watches for it.
   * @default false
   */
  watchesStdin?: boolean;
  /** @default this process's environment */
  env?: Record<string, string | undefined>;
  cwd?: string;
}

export interface Tied {
  readonly child: ChildProcess;
  readonly stdout: Readable;
  /** File that holds standard error (and standard output, where nobody reads it, is lost). */
  readonly logPath: string;
  /** Settles when the process has ended. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** The end of its standard error. */
  logTail(lines?: number): string;
  /** Asks it to end (SIGTERM), forces it after the grace. */
  stop(graceSeconds?: number): Promise<void>;
  /** Ends it, its process group and its descendants at once. */
  kill(): Promise<void>;
}

export function spawnTied(command: string, args: string[], options: TiedOptions): Tied {
  const logs = join(options.run.directory, "logs");
  mkdirSync(logs, { recursive: true });
  const logPath = join(logs, `${options.label}.log`);
  const log = openSync(logPath, "a");
  const [file, argv] = options.watchesStdin ? [command, args] : tiedCommand(options.label, command, args);
  const child = spawn(file, argv, {
    // Its own group: Ctrl-C at the terminal reaches only us, who stop things in order.
    detached: true,
    stdio: ["pipe", "pipe", log],
    env: options.env ?? process.env,
    cwd: options.cwd,
  });
  closeSync(log);
  child.stdin?.on("error", () => undefined); // it may end before us
  options.run.track(child, options.label);
  return tied(child, logPath);
}

function tied(child: ChildProcess, logPath: string): Tied {
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, name) => resolve({ code, signal: name }));
  });
  exited.catch(() => undefined); // whoever awaits it still sees the error
  const over = exited.then(
    () => undefined,
    () => undefined,
  );
  const kill = (): Promise<void> => {
    if (identity) killTree(identity);
    return over;
  };
  return {
    child,
    stdout: child.stdout as Readable,
    logPath,
    exited,
    logTail: (lines = 20) => readFileSync(logPath, "utf8").trimEnd().split("\n").slice(-lines).join("\n"),
    kill,
    async stop(graceSeconds = 5) {
      if (identity) signal(identity.pid, "SIGTERM");
      const timer = setTimeout(() => void kill(), graceSeconds * 1000);
      await over;
      clearTimeout(timer);
    },
  };
}
