/**
 * A run owns a temporary directory and child processes. After kill -9, its reaper removes both; if that was killed too,
 * the next run does.
 */
import type { ChildProcess } from "node:child_process";
import { appendFileSync, chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cleanLeftovers, folderPrefix, registerFile } from "./leftovers.ts";
import { identify, isRunning, killTree, signal } from "./processes.ts";
import type { ProcessIdentity } from "./processes.ts";
import { startReaper } from "./reaper.ts";

const graceMilliseconds = 3_000;

export interface Run {
  /** Name given to `openRun`. */
  readonly name: string;
  /** Temporary directory with mode 0755; removed when the run ends. */
  readonly directory: string;
  /** Makes the run kill a child process when it ends. `label` names it in the register. */
  track(child: ChildProcess, label: string): void;
  /** Sends SIGTERM to all tracked processes, SIGKILL after 3 s, and removes the directory. Idempotent. */
  close(): Promise<void>;
  /** Synchronous: sends SIGKILL and removes the directory. For exit handlers. */
  closeNow(): void;
}

class OpenRun implements Run {
  readonly name: string;
  readonly directory: string;
  readonly #children = new Map<ChildProcess, ProcessIdentity>();
  #closing: Promise<void> | undefined;
  #stopReaper: (() => void) | undefined;

  constructor(name: string, parent: string) {
    this.name = name;
    this.directory = mkdtempSync(join(parent, folderPrefix(name)));
    chmodSync(this.directory, 0o755); // other users, as those of containers, must reach their files in it
  }

  track(child: ChildProcess, label: string): void {
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    if (!identity) return; // not started, or exited
    this.#stopReaper ??= startReaper(this.directory);
    appendFileSync(join(this.directory, registerFile), `${JSON.stringify({ ...identity, label })}\n`);
    this.#children.set(child, identity);
    child.once("exit", () => this.#children.delete(child));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const children = [...this.#children.values()];
    for (const { pid } of children) signal(pid, "SIGTERM");
    await gone(children, graceMilliseconds);
    children.forEach(killTree);
    await gone(children, graceMilliseconds);
    this.closeNow();
  }

  closeNow(): void {
    for (const child of this.#children.values()) killTree(child);
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    this.#stopReaper?.();
  }
}

async function gone(processes: ProcessIdentity[], withinMilliseconds: number): Promise<void> {
  const end = Date.now() + withinMilliseconds;
  while (processes.some(isRunning) && Date.now() < end) await sleep(20);
}

/**
 * Opens a run, after removing leftovers of this user's dead runs.
 * @param name lower-case letters, digits and hyphens; part of the directory's name
 * @param parent directory for the run's own. @default the system's temporary directory
 * @throws for an invalid name, or where /proc is missing
 */
export async function openRun(name: string, parent = tmpdir()): Promise<Run> {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) throw new Error(`run "${name}": use lower-case letters, digits and hyphens`);
  await cleanLeftovers(parent);
  return new OpenRun(name, parent);
}
