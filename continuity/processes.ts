/** Facts about a process on this machine. */
import { readdirSync, readFileSync } from "node:fs";

export interface ProcessFacts {
  command: readonly string[];
  /** Milliseconds since 1970. */
  startedAt: number;
  /** Value of `startedByVariable` in the process's environment. */
  startedBy: string | undefined;
}

/** Set for every process started by a command: the mark of that command, see `processMark`. */
export const startedByVariable = "CONTINUITY_STARTED_BY";

/** Clock ticks per second in /proc; constant on Linux. */
const ticksPerSecond = 100;

/**
 * Facts of a running process; undefined if there is none. Only Linux exposes command and start time; elsewhere any
 * process with the number counts as the one meant.
 */
export function processFacts(pid: number): ProcessFacts | undefined {
  if (!isAlive(pid)) return undefined;
  if (process.platform !== "linux") return unknownFacts;
  const stat = readStat(pid);
  // /proc may hide other users' processes (hidepid): such a process exists, but nothing else is known.
  if (stat === undefined) return isAlive(pid) ? unknownFacts : undefined;
  if (stat.state === "Z") return undefined; // a zombie: ended but not reaped
  const uptime = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
  const environment = words(pid, "environ").find((entry) => entry.startsWith(`${startedByVariable}=`));
  return {
    command: words(pid, "cmdline"),
    startedAt: Date.now() - (uptime - stat.startTicks / ticksPerSecond) * 1000,
    startedBy: environment?.slice(startedByVariable.length + 1),
  };
}

/** Facts of a process known by number only; it counts as the one meant. */
const unknownFacts: ProcessFacts = { command: [], startedAt: Number.NEGATIVE_INFINITY, startedBy: undefined };

/** Identifies a process beyond its number, which may be reused. */
export const processMark = (pid: number): string => `${pid}:${readStat(pid)?.startTicks ?? ""}`;

/** Whether the marked process is still running. */
export const livesByMark = (mark: string): boolean => {
  const pid = Number.parseInt(mark, 10);
  return processFacts(pid) !== undefined && processMark(pid) === mark;
};

/** A process started by a command, directly or indirectly. */
export interface MarkedProcess {
  pid: number;
  command: readonly string[];
  /** Mark of the command. */
  startedBy: string;
}

/**
 * Process ids left over from killed commands and not needed by any update. A Pulumi program whose engine is gone does
 * not exit: one was seen to grow to 14 GB. An engine that may still be updating a stack is not included, nor are its
 * processes: the stack's lock decides about that one.
 */
export function leftoversAmong(
  processes: readonly MarkedProcess[],
  lives: (mark: string) => boolean = livesByMark,
): number[] {
  const byCommand = Map.groupBy(processes, ({ startedBy }) => startedBy);
  return [...byCommand].flatMap(([mark, started]) =>
    lives(mark) || started.some(mayChangeAStack) ? [] : started.map(({ pid }) => pid),
  );
}

/** All processes of this user that were started by commands; none where the system does not expose them. */
export function markedProcesses(): MarkedProcess[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc").flatMap((name) => {
    const facts = /^\d+$/.test(name) ? processFacts(Number(name)) : undefined;
    return facts?.startedBy === undefined
      ? []
      : [{ pid: Number(name), command: facts.command, startedBy: facts.startedBy }];
  });
}

/** An engine running a preview, which holds no lock and changes nothing. */
const mayChangeAStack = ({ command }: MarkedProcess): boolean =>
  /(^|\/)pulumi$/.test(command[0] ?? "") && !command.includes("preview");

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // belongs to another user
  }
}

function readStat(pid: number): { state: string; startTicks: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" "); // the process name before may contain anything
    return { state: fields[0] ?? "", startTicks: Number(fields[19]) };
  } catch {
    return undefined;
  }
}

function words(pid: number, file: "cmdline" | "environ"): string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0");
  } catch {
    return []; // it has just ended, or belongs to another user
  }
}
