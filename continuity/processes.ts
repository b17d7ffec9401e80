/** What is known of a process on this machine. */
import { readFileSync } from "node:fs";

export interface ProcessFacts {
  command: readonly string[];
  /** Milliseconds since 1970. */
  startedAt: number;
  /** The value that the process's environment has for `startedByVariable`. */
  startedBy: string | undefined;
}

/** Set for every process that a command starts: which process that was, as `processMark` writes it. */
export const startedByVariable = "CONTINUITY_STARTED_BY";

/** Ticks of /proc in a second; the same on every Linux. */
const ticksPerSecond = 100;

/**
 * Facts of a living process; undefined where there is none. Only Linux shows a process's command and age: elsewhere
 * whoever has the number counts as the one that is meant.
 */
export function processFacts(pid: number): ProcessFacts | undefined {
  if (!isAlive(pid)) return undefined;
  if (process.platform !== "linux") return { command: [], startedAt: Number.NEGATIVE_INFINITY, startedBy: undefined };
  const stat = readStat(pid);
  if (stat === undefined || stat.state === "Z") return undefined; // it ended, and nobody has asked how
  const uptime = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
  const environment = words(pid, "environ").find((entry) => entry.startsWith(`${startedByVariable}=`));
  return {
    command: words(pid, "cmdline"),
    startedAt: Date.now() - (uptime - stat.startTicks / ticksPerSecond) * 1000,
    startedBy: environment?.slice(startedByVariable.length + 1),
  };
}

/** Names a process so that another one with the same number is not mistaken for it. */
export const processMark = (pid: number): string => `${pid}:${readStat(pid)?.startTicks ?? ""}`;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // it is another user's
  }
}

function readStat(pid: number): { state: string; startTicks: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" "); // the name before may hold anything
    return { state: fields[0] ?? "", startTicks: Number(fields[19]) };
  } catch {
    return undefined;
  }
}

function words(pid: number, file: "cmdline" | "environ"): string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0");
  } catch {
    return []; // it has just ended, or is another user's
  }
}
