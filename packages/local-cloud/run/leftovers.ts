/** Finds and removes what runs left behind whose process is gone. */
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { identify, isRunning, killTree } from "./processes.ts";
import type { ProcessIdentity } from "./processes.ts";

/** One JSON line for each process that the run started. */
export const registerFile = "processes.jsonl";

/** The owner stands in the folder's name, so that no folder is ever without one. */
export function folderPrefix(name: string): string {
  const own = identify(process.pid);
  if (!own) throw new Error("local runs need Linux: /proc is missing");
  return `local-cloud.${name}.${own.pid}.${own.startTicks}.`;
}

/** The process that opened the run of this folder; undefined: it is no run's. */
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
      return []; // the last line may be torn
    }
  });
}

/** Processes whose scratch folder is the run's: what its commands started and nobody is left to ask about. */
function scratchingIn(directory: string): ProcessIdentity[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
        return environment.some((line) => line.startsWith(`TMPDIR=${directory}/`)) ? (identify(Number(pid)) ?? []) : [];
      } catch {
        return []; // over, or somebody else's
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

/** Looks again after each round: what is ended may just have started something. */
async function endProcesses(directory: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const running = [...readRegister(directory), ...scratchingIn(directory)].filter(isRunning);
    if (running.length === 0) return;
    running.forEach(killTree);
    await sleep(20);
  }
}

/** Ends the processes and removes the folders of every dead run below `parent`; returns the folders removed. */
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
