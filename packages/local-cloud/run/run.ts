/**
 * One run of the local stack: its folder and its processes. Whatever a run leaves behind, even after kill -9, its reaper
 * removes; the next run does where that is gone too.
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
  readonly name: string;
  /** A folder of this run's own, readable by every user of the machine; removed at the end. */
  readonly directory: string;
  /** Makes the run responsible for the end of a child process. */
  track(child: ChildProcess, label: string): void;
  /** Ends every tracked process (first asked, then forced) and removes the folder. May be called again. */
  close(): Promise<void>;
  /** The same without waiting or asking, for the last moment of a process. */
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
    chmodSync(this.directory, 0o755); // container users must reach their volumes below it
  }

  track(child: ChildProcess, label: string): void {
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    if (!identity) return; // never started or over already
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

/** Opens a run, after cleaning up what dead runs of the same user left on the machine. */
export async function openRun(name: string, parent = tmpdir()): Promise<Run> {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) throw new Error(`run "${name}": use lower-case letters, digits and hyphens`);
  await cleanLeftovers(parent);
  return new OpenRun(name, parent);
}
