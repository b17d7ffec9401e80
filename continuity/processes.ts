/** What is known of a process on this machine. */
import { readdirSync, readFileSync } from "node:fs";

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
  if (process.platform !== "linux") return unknownFacts;
  const stat = readStat(pid);
  // /proc may hide other users' processes (hidepid): such a one lives, and nothing more is known of it.
  if (stat === undefined) return isAlive(pid) ? unknownFacts : undefined;
  if (stat.state === "Z") return undefined; // it ended, and nobody has asked how
  const uptime = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
  const environment = words(pid, "environ").find((entry) => entry.startsWith(`${startedByVariable}=`));
  return {
    command: words(pid, "cmdline"),
    startedAt: Date.now() - (uptime - stat.startTicks / ticksPerSecond) * 1000,
    startedBy: environment?.slice(startedByVariable.length + 1),
  };
}

/** Of a process that shows nothing but its number; it counts as whoever was meant. */
const unknownFacts: ProcessFacts = { command: [], startedAt: Number.NEGATIVE_INFINITY, startedBy: undefined };

/** Names a process so that another one with the same number is not mistaken for it. */
export const processMark = (pid: number): string => `${pid}:${readStat(pid)?.startTicks ?? ""}`;

/** Whether the process that a mark names still lives. */
export const livesByMark = (mark: string): boolean => {
  const pid = Number.parseInt(mark, 10);
  return processFacts(pid) !== undefined && processMark(pid) === mark;
};

/** A process that a command started, directly or through others. */
export interface MarkedProcess {
  pid: number;
  command: readonly string[];
  /** Mark of the command. */
  startedBy: string;
}

/**
 * Numbers of the processes that killed commands left behind and that no update needs any more. A Pulumi program whose
 * engine is gone does not end: it was seen to grow to 14 GB. An engine that may still be at work on a stack is not
 * among them, nor what belongs to it: the stack's lock decides about that one.
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

/** Every process of this user that a command started; none where the system does not show them. */
export function markedProcesses(): MarkedProcess[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc").flatMap((name) => {
    const facts = /^\d+$/.test(name) ? processFacts(Number(name)) : undefined;
    return facts?.startedBy === undefined
      ? []
      : [{ pid: Number(name), command: facts.command, startedBy: facts.startedBy }];
  });
}

/** An engine at anything but a preview, which holds no lock and changes nothing. */
const mayChangeAStack = ({ command }: MarkedProcess): boolean =>
  /(^|\/)pulumi$/.test(command[0] ?? "") && !command.includes("preview");

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
