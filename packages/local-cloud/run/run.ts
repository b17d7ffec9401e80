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
import { groupMembers, identify, isRunning, killAndWait, killTree, signal } from "./processes.ts";
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
  /** Exited ones too: what they started in their process group may still run. */
  readonly #tracked: ProcessIdentity[] = [];
  #closing: Promise<void> | undefined;
  readonly #stopReaper: () => void;

  constructor(name: string, parent: string) {
    this.name = name;
    this.directory = mkdtempSync(join(parent, folderPrefix(name)));
    chmodSync(this.directory, 0o755); // other users, as those of containers, must reach their files in it
    this.#stopReaper = startReaper(this.directory);
  }

  track(child: ChildProcess, label: string): void {
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    if (!identity) return; // not started, or exited
    appendFileSync(join(this.directory, registerFile), `${JSON.stringify({ ...identity, label })}\n`);
    this.#tracked.push(identity);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const children = this.#tracked.filter(isRunning);
    for (const { pid } of children) signal(pid, "SIGTERM");
    await gone(children, graceMilliseconds);
    const left = this.#running();
    left.forEach(killTree);
    await gone(left, graceMilliseconds);
    this.closeNow();
  }

  closeNow(): void {
    killAndWait(this.#running());
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    this.#stopReaper();
  }

  #running(): ProcessIdentity[] {
    return this.#tracked.flatMap((one) => [one, ...groupMembers(one)]).filter(isRunning);
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
