/**
 * Identifies processes by id and start time, since the kernel reuses ids. Linux only.
 */
import { readdirSync, readFileSync } from "node:fs";

/** A process, whose id alone may be reused. */
export interface ProcessIdentity {
  /** Process id. */
  pid: number;
  /** Start time in clock ticks since boot, as in /proc/PID/stat. */
  startTicks: number;
}

interface Stat extends ProcessIdentity {
  state: string;
  parent: number;
  group: number;
}

/** Parses the fields after the command name, which may contain spaces and parentheses. */
function readStat(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return {
    pid,
    state: fields[0] ?? "",
    parent: Number(fields[1]),
    group: Number(fields[2]),
    startTicks: Number(fields[19]),
  };
}

/** Identity of a running process; undefined if there is none with this id. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid);
  return stat && { pid, startTicks: stat.startTicks };
}

/** Whether exactly this process runs; zombies do not. */
export function isRunning(identity: ProcessIdentity): boolean {
  const stat = readStat(identity.pid);
  return stat !== undefined && stat.startTicks === identity.startTicks && stat.state !== "Z" && stat.state !== "X";
}

const allProcesses = (): Stat[] =>
  readdirSync("/proc").flatMap((entry) => (/^\d+$/.test(entry) ? (readStat(Number(entry)) ?? []) : []));

/**
 * Members of the process group that a process leads or led. The kernel does not reuse an id while a group has it, so
 * members of a leader that exited are certain; a group whose leader started at another time is a stranger's.
 */
export function groupMembers(leader: ProcessIdentity): ProcessIdentity[] {
  const current = readStat(leader.pid);
  if (current && current.startTicks !== leader.startTicks) return [];
  return allProcesses().filter(({ group }) => group === leader.pid);
}

function descendants(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const { parent, pid } of allProcesses()) children.set(parent, [...(children.get(parent) ?? []), pid]);
  const found: number[] = [];
  for (let next = [root]; next.length > 0;) {
    next = next.flatMap((pid) => children.get(pid) ?? []);
    found.push(...next);
  }
  return found;
}

/** Sends a signal; false if the process is gone. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** Sends SIGKILL to exactly this process, its process group if it is the leader, and all its descendants. */
export function killTree(identity: ProcessIdentity): void {
  if (!isRunning(identity)) return;
  const below = descendants(identity.pid);
  if (readStat(identity.pid)?.group === identity.pid) signal(-identity.pid, "SIGKILL");
  for (const pid of [identity.pid, ...below]) signal(pid, "SIGKILL");
}

/** Kills processes with their descendants; blocks until they are gone, at most `withinMilliseconds` (1000). */
export function killAndWait(processes: readonly ProcessIdentity[], withinMilliseconds = 1_000): void {
  processes.forEach(killTree);
  const end = Date.now() + withinMilliseconds;
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  while (processes.some(isRunning) && Date.now() < end) Atomics.wait(nothing, 0, 0, 5);
}

/** Kills all descendants of this process, as `killAndWait` does. */
export const killDescendants = (): void => killAndWait(descendants(process.pid).flatMap((pid) => identify(pid) ?? []));
