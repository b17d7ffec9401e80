/** Starts child processes that never outlive this one, not even after kill -9. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { killTree, identify, signal } from "./processes.ts";
import type { Run } from "./run.ts";
import { tiedCommand } from "./tie.ts";

export interface TiedOptions {
  /** Run that owns the process and its log. */
  run: Run;
  /** Name of the log file and of the entry in the run's register. */
  label: string;
  /**
   * Whether the program exits at the end of its standard input. If not, a shell around it kills it then.
   * @default false
   */
  watchesStdin?: boolean;
  /** Environment. @default this process's */
  env?: Record<string, string | undefined>;
  /** Working directory. @default this process's */
  cwd?: string;
}

export interface Tied {
  /** The process; the shell around it, without `watchesStdin`. */
  readonly child: ChildProcess;
  /** Must be read: the process blocks when the pipe is full. */
  readonly stdout: Readable;
  /** File with the standard error. */
  readonly logPath: string;
  /** Resolves when the process has exited; rejects if it could not be started. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Last lines of its standard error. @default 20 lines */
  logTail(lines?: number): string;
  /** Sends SIGTERM, then SIGKILL after the grace period. @default 5 s */
  stop(graceSeconds?: number): Promise<void>;
  /** Sends SIGKILL to it, its process group and its descendants. */
  kill(): Promise<void>;
}

/** Starts a program whose lifetime is tied to this process and to its run. */
export function spawnTied(command: string, args: string[], options: TiedOptions): Tied {
  const logs = join(options.run.directory, "logs");
  mkdirSync(logs, { recursive: true });
  const logPath = join(logs, `${options.label}.log`);
  const log = openSync(logPath, "a");
  const [file, argv] = options.watchesStdin ? [command, args] : tiedCommand(options.label, command, args);
  const child = spawn(file, argv, {
    // A process group of its own: Ctrl-C in the terminal then reaches only this process, which stops it in order.
    detached: true,
    stdio: ["pipe", "pipe", log],
    env: options.env ?? process.env,
    cwd: options.cwd,
  });
  closeSync(log);
  child.stdin?.on("error", () => undefined); // EPIPE if it exits first
  options.run.track(child, options.label);
  return tied(child, logPath);
}

function tied(child: ChildProcess, logPath: string): Tied {
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, name) => resolve({ code, signal: name }));
  });
  exited.catch(() => undefined); // still seen by whoever awaits it
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
