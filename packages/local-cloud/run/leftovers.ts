/** Finds and removes leftovers of runs whose process is gone. */
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { groupMembers, identify, isRunning, killTree } from "./processes.ts";
import type { ProcessIdentity } from "./processes.ts";

/** One JSON line for each process that the run started. */
export const registerFile = "processes.jsonl";

/** The owner is part of the directory's name, so that there is never a directory without an owner. */
export function folderPrefix(name: string): string {
  const own = identify(process.pid);
  if (!own) throw new Error("runs need Linux: /proc is missing");
  return `local-cloud.${name}.${own.pid}.${own.startTicks}.`;
}

/** The process that opened the run of a directory; undefined if the directory is not a run's. */
export function ownerOf(folder: string): ProcessIdentity | undefined {
  const match = /^local-cloud\.[a-z][a-z0-9-]*\.(\d+)\.(\d+)\.\w+$/.exec(basename(folder));
  return match ? { pid: Number(match[1]), startTicks: Number(match[2]) } : undefined;
}

function readRegister(directory: string): ProcessIdentity[] {
  let lines: string[];
  try {
    lines = readFileSync(join(directory, registerFile), "utf8").split("\n");
  } catch {
    return [];
  }
  return lines.flatMap((line) => {
    try {
      const { pid, startTicks } = JSON.parse(line) as Partial<ProcessIdentity>;
      return typeof pid === "number" && typeof startTicks === "number" ? [{ pid, startTicks }] : [];
    } catch {
      return []; // the last line may be incomplete
    }
  });
}

/** Processes whose TMPDIR is in the run's directory: started by its commands, and in no register. */
function withTmpdirIn(directory: string): ProcessIdentity[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
        return environment.some((line) => line.startsWith(`TMPDIR=${directory}/`)) ? (identify(Number(pid)) ?? []) : [];
      } catch {
        return []; // has exited, or is another user's
      }
    });
}

function isOurs(directory: string): boolean {
  try {
    return statSync(directory).uid === process.getuid?.();
  } catch {
    return false;
  }
}

/** Repeats until nothing runs: a process may have forked just before it was killed. */
async function endProcesses(directory: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const registered = readRegister(directory).flatMap((one) => [one, ...groupMembers(one)]);
    const running = [...registered, ...withTmpdirIn(directory)].filter(isRunning);
    if (running.length === 0) return;
    running.forEach(killTree);
    await sleep(20);
  }
}

/** Kills the processes and removes the directories of all dead runs in `parent`; returns the directories. */
export async function cleanLeftovers(parent: string): Promise<string[]> {
  const dead = readdirSync(parent)
    .filter((folder) => {
      const owner = ownerOf(folder);
      return owner !== undefined && !isRunning(owner);
    })
    .map((folder) => join(parent, folder))
    .filter(isOurs);
  for (const directory of dead) {
    await endProcesses(directory);
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
  return dead;
}
