/** Stack locks held by updates, and the state of their owners. */
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { duration } from "./duration.ts";
import { leftoversAmong, livesByMark, markedProcesses, processFacts, type ProcessFacts } from "./processes.ts";

/** A lock as reported by a file or object backend. */
export interface LockFacts {
  user: string;
  host: string;
  pid: number;
  /** Milliseconds since 1970, exact to the second. */
  since: number;
}

/**
 * `gone`: the owner ended without releasing the lock. `orphan`: the owner is running, but the command that started it
 * is not. `alive`: an update is in progress. `elsewhere`: the owner is on another host.
 */
export type LockOwner = "gone" | "orphan" | "alive" | "elsewhere";

/** The parts of this machine that locks depend on. */
export interface Machine {
  host: string;
  process(pid: number): ProcessFacts | undefined;
  /** Whether the marked process is still running. */
  lives(mark: string): boolean;
  /** Kills a process. */
  end(pid: number): void;
}

const thisMachine: Machine = {
  host: hostname(),
  process: processFacts,
  lives: livesByMark,
  end: (pid) => void process.kill(pid, "SIGKILL"),
};

/** Kills processes left over from killed commands on this machine, before they can interfere. */
export function endLeftovers(): void {
  for (const pid of leftoversAmong(markedProcesses())) {
    try {
      thisMachine.end(pid);
    } catch {
      // it has just ended, or is another user's
    }
  }
}

/** Parses the locks in the engine's error; none if the backend does not name the owner. */
export function locksIn(text: string): LockFacts[] {
  const facts = /: created by (.+)@(\S+) \(pid (\d+)\) at (\S+)$/gm;
  return [...text.matchAll(facts)].map(([, user = "", host = "", pid, since = ""]) => ({
    user,
    host,
    pid: Number(pid),
    since: Date.parse(since),
  }));
}

/** Tolerance: the backend stores whole seconds, while a process's start time is exact to a hundredth. */
const clockSlackSeconds = 5;

/**
 * State of a lock's owner. A reused process id does not count: neither another program, nor an engine of another stack
 * started after the lock was taken.
 */
export function ownerOf(lock: LockFacts, stack: string, machine: Machine = thisMachine): LockOwner {
  if (lock.host !== machine.host) return "elsewhere";
  const owner = machine.process(lock.pid);
  if (owner === undefined) return "gone";
  const { command, startedAt, startedBy } = owner;
  const isEngine = command.length === 0 || command.some((word) => /(^|\/)pulumi[^/]*$/.test(word));
  const isLater = startedAt > lock.since + clockSlackSeconds * 1000;
  if (!isEngine || (isLater && !command.includes(stack))) return "gone";
  return startedBy !== undefined && !machine.lives(startedBy) ? "orphan" : "alive";
}

const describeLock = ({ user, host, pid, since }: LockFacts): string =>
  `${user}@${host} (process ${pid}, since ${new Date(since).toISOString()}, ${duration((Date.now() - since) / 1000)} ago)`;

/** The stack is locked by an update that may still be running. */
export class StackLocked extends Error {
  readonly locks: readonly LockFacts[];

  constructor(stack: string, locks: readonly LockFacts[]) {
    const owners = locks.length === 0 ? "another update" : listed(locks);
    super(
      `stack "${stack}" is locked by ${owners}, and only one update can run at a time; ` +
        `wait for it to finish, or if it is known to be dead remove the lock: pulumi cancel --yes --stack ${stack}`,
    );
    this.name = "StackLocked";
    this.locks = locks;
  }
}

export interface SettleLockOptions {
  stack: string;
  /** Removes the stack's locks. */
  remove: () => Promise<void>;
  onUnderWay?: () => void;
  onNote?: (text: string) => void;
  signal?: AbortSignal;
  /** Milliseconds until a stuck orphan is killed. @default 5000 */
  graceMs?: number;
  /** @default this one */
  machine?: Machine;
}

const orphanPollMs = 250;

/** Most orphans exit on their first write to the closed pipe. */
const orphanGraceMs = 5000;

/**
 * Returns when the update can be retried. A lock whose owner is gone is removed, once. An orphaned update that is still
 * running is awaited, since it does the same work. One that hangs, because it sends its events to the killed command
 * and waits for a response, is killed: it would never finish, nor react to another signal. `text` is the engine's
 * error, `takenOver` the locks removed before.
 * @throws StackLocked if the owner is alive or on another host
 */
export async function settleLock(text: string, takenOver: Set<string>, options: SettleLockOptions): Promise<void> {
  const { stack, remove, onUnderWay, onNote, machine = thisMachine } = options;
  const locks = locksIn(text);
  const owners = locks.map((lock) => ({ lock, owner: ownerOf(lock, stack, machine) }));
  const areOver = owners.length > 0 && owners.every(({ owner }) => owner === "gone" || owner === "orphan");
  const known = JSON.stringify(locks);
  if (!areOver || takenOver.has(known)) throw new StackLocked(stack, locks);
  const orphans = owners.filter(({ owner }) => owner === "orphan").map(({ lock }) => lock);
  if (orphans.length > 0) {
    onUnderWay?.();
    onNote?.(`the update of ${stack} by an interrupted command is still running; waiting for ${listed(orphans)}`);
    return untilEnded(orphans, options);
  }
  takenOver.add(known);
  onNote?.(`removing the lock of ${stack}, its owner is gone: ${listed(locks)}`);
  await remove();
}

async function untilEnded(orphans: readonly LockFacts[], options: SettleLockOptions): Promise<void> {
  const { stack, onNote, signal, machine = thisMachine, graceMs = orphanGraceMs } = options;
  const graceEnds = performance.now() + graceMs;
  for (;;) {
    const left = orphans.filter((lock) => ownerOf(lock, stack, machine) === "orphan");
    if (left.length === 0) return;
    const hanging = performance.now() < graceEnds ? [] : left.filter(({ pid }) => isHanging(machine.process(pid)));
    for (const { pid } of hanging) {
      onNote?.(`killing process ${pid}: it waits for a response from a command that was killed`);
      machine.end(pid);
    }
    await delay(orphanPollMs, undefined, signal ? { signal } : {});
  }
}

/** An orphan that sends its events to the killed command; one that writes them to a file can finish. */
const isHanging = (owner: ProcessFacts | undefined): boolean =>
  owner?.command.some((word) => /^(--event-log=)?tcp:\/\//.test(word)) === true;

const listed = (locks: readonly LockFacts[]): string => locks.map(describeLock).join(" and ");
