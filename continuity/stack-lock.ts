/** The lock that an update holds on its stack, and what has become of whoever took it. */
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { duration } from "./duration.ts";
import { leftoversAmong, livesByMark, markedProcesses, processFacts, type ProcessFacts } from "./processes.ts";

/** What a state backend of files or objects says of a lock. */
export interface LockFacts {
  user: string;
  host: string;
  pid: number;
  /** Milliseconds since 1970, exact to the second. */
  since: number;
}

/**
 * `gone`: the owner's process ended without giving the lock back. `orphan`: the owner lives, but the command that
 * started it does not. `alive`: somebody's update is under way. `elsewhere`: nothing is known of another host.
 */
export type LockOwner = "gone" | "orphan" | "alive" | "elsewhere";

/** This machine, as far as locks are concerned. */
export interface Machine {
  host: string;
  process(pid: number): ProcessFacts | undefined;
  /** Whether the process that a mark names still lives. */
  lives(mark: string): boolean;
  /** Ends a process at once. */
  end(pid: number): void;
}

const thisMachine: Machine = {
  host: hostname(),
  process: processFacts,
  lives: livesByMark,
  end: (pid) => void process.kill(pid, "SIGKILL"),
};

/** Ends what killed commands left behind on this machine, before it can disturb what comes now. */
export function endLeftovers(): void {
  for (const pid of leftoversAmong(markedProcesses())) {
    try {
      thisMachine.end(pid);
    } catch {
      // it has just ended, or is another user's
    }
  }
}

/** Locks in the text of the engine's error; none where the backend names no owner. */
export function locksIn(text: string): LockFacts[] {
  const facts = /: created by (.+)@(\S+) \(pid (\d+)\) at (\S+)$/gm;
  return [...text.matchAll(facts)].map(([, user = "", host = "", pid, since = ""]) => ({
    user,
    host,
    pid: Number(pid),
    since: Date.parse(since),
  }));
}

/** The backend keeps whole seconds, and a process's age is exact to a hundredth. */
const clockSlackSeconds = 5;

/**
 * What has become of a lock's owner. A number that was given to another process since does not count: not to
 * another program, and not to an engine of another stack that started after the lock was taken.
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

export const describeLock = ({ user, host, pid, since }: LockFacts): string =>
  `${user}@${host} (process ${pid}, since ${new Date(since).toISOString()}, ${duration((Date.now() - since) / 1000)} ago)`;

/** The stack is locked by an update that cannot be taken to be over. */
export class StackLocked extends Error {
  readonly locks: readonly LockFacts[];

  constructor(stack: string, locks: readonly LockFacts[]) {
    const owners = locks.length === 0 ? "another update" : listed(locks);
    super(
      `stack "${stack}" is locked by ${owners}, and only one update may run at a time; ` +
        `wait for its end, or if it is known to be dead remove the lock: pulumi cancel --yes --stack ${stack}`,
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
  /** Milliseconds until an orphan that cannot go on is ended. @default 5000 */
  graceMs?: number;
  /** @default this one */
  machine?: Machine;
}

const orphanPollMs = 250;

/** Most orphans die of their first output, which has nowhere to go. */
const orphanGraceMs = 5000;

/**
 * Comes back when the update may be tried again. A lock whose owner is gone is removed, once. An update that goes on
 * although the command that began it was killed is waited for: it does what this one would. One that hangs, because it
 * sends its events to the killed command and waits for an answer, is ended: it will never go on, nor heed another signal. `text` is the engine's error, `takenOver` what was removed before.
 * @throws StackLocked where the owner lives or is on another host
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
    onNote?.(`an interrupted command's update of ${stack} goes on; waiting for ${listed(orphans)}`);
    return untilEnded(orphans, options);
  }
  takenOver.add(known);
  onNote?.(`the lock of ${stack} is taken over, its owner is gone: ${listed(locks)}`);
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
      onNote?.(`process ${pid} is ended: it waits for an answer of the command that was killed`);
      machine.end(pid);
    }
    await delay(orphanPollMs, undefined, signal ? { signal } : {});
  }
}

/** An orphan whose events go to the killed command; one that writes them to a file goes on. */
const isHanging = (owner: ProcessFacts | undefined): boolean =>
  owner?.command.some((word) => /^(--event-log=)?tcp:\/\//.test(word)) === true;

const listed = (locks: readonly LockFacts[]): string => locks.map(describeLock).join(" and ");
