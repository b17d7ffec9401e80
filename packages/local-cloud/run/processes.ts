/**
 * Tells processes apart for certain: a process id is used again once its process
 * is gone, so every process is named by its id and its start time. Linux only.
 */
import { readdirSync, readFileSync } from "node:fs";

export interface ProcessIdentity {
  pid: number;
  /** Clock ticks between the start of the machine and that of the process, as in /proc/<pid>/stat. */
  startTicks: number;
}

interface Stat extends ProcessIdentity {
  state: string;
  parent: number;
  group: number;
}

/** The fields after the command name, which may itself hold spaces and brackets. */
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

/** The identity of a process that runs now. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid);
  return stat && { pid, startTicks: stat.startTicks };
}

/** True while this very process runs; a zombie has ended. */
export function isRunning(identity: ProcessIdentity): boolean {
  const stat = readStat(identity.pid);
  return stat !== undefined && stat.startTicks === identity.startTicks && stat.state !== "Z" && stat.state !== "X";
}

function descendants(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync("/proc")) {
    const stat = /^\d+$/.test(entry) ? readStat(Number(entry)) : undefined;
    if (stat) children.set(stat.parent, [...(children.get(stat.parent) ?? []), stat.pid]);
  }
  const found: number[] = [];
  for (let next = [root]; next.length > 0;) {
    next = next.flatMap((pid) => children.get(pid) ?? []);
    found.push(...next);
  }
  return found;
}

/** Sends a signal; false when there is nobody (left) to receive it. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** Ends this very process, its process group if it leads one, and all its descendants, at once. */
export function killTree(identity: ProcessIdentity): void {
  if (!isRunning(identity)) return;
  const below = descendants(identity.pid);
  if (readStat(identity.pid)?.group === identity.pid) signal(-identity.pid, "SIGKILL");
  for (const pid of [identity.pid, ...below]) signal(pid, "SIGKILL");
}

/** Ends everything that this process started and that still runs below it; returns when it is gone. */
export function killDescendants(withinMilliseconds = 1_000): void {
  const all = descendants(process.pid).flatMap((pid) => identify(pid) ?? []);
  all.forEach(killTree);
  const end = Date.now() + withinMilliseconds;
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  while (all.some(isRunning) && Date.now() < end) Atomics.wait(nothing, 0, 0, 5);
}
