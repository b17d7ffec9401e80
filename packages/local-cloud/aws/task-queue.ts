/**
 * Runs tasks after an adjustable delay, a few at a time, and those of one chain in order. A task whose precondition does
 * not hold waits without taking a slot; one that fails temporarily is retried with exponential backoff.
 */
import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import PQueue from "p-queue";

export interface Task {
  /** Tasks of one chain run one after the other, in the order in which they were added. */
  chain: string;
  /** Names the task in messages. */
  title: string;
  /** False while something that the task needs is out of reach. */
  ready(): boolean;
  /** Resolves to "done" when nothing is left to do, to "again" for another attempt later. Must not reject. */
  run(): Promise<"done" | "again">;
}

const concurrency = 4;
const firstBackoffMilliseconds = 100;
const longestBackoffMilliseconds = 2_000;
const readyPollMilliseconds = 100;

export class TaskQueue {
  readonly #tasks = new Set<Task>();
  readonly #chains = new Map<string, PQueue>();
  readonly #slots = new PQueue({ concurrency });
  #delaySeconds = 0;
  #closed = false;
  /** Aborted, and replaced, to end the pauses of all waiting tasks. */
  #pauses = pauses();

  get delaySeconds(): number {
    return this.#delaySeconds;
  }

  /** Seconds between adding a task and its first attempt; also applies to tasks that wait already. */
  set delaySeconds(seconds: number) {
    if (!(seconds >= 0)) throw new RangeError(`delaySeconds is ${seconds}; it must be 0 or more`);
    this.#delaySeconds = seconds;
    this.wake();
  }

  /** Tasks that wait or run. */
  get size(): number {
    return this.#tasks.size;
  }

  add(task: Task): void {
    const chain = this.#chains.get(task.chain) ?? new PQueue({ concurrency: 1 });
    const addedAt = Date.now();
    this.#chains.set(task.chain, chain);
    this.#tasks.add(task);
    void chain.add(async () => {
      await this.#complete(task, addedAt);
      this.#tasks.delete(task);
      if (chain.size === 0) this.#chains.delete(task.chain);
    });
  }

  /** Re-evaluates waiting tasks at once, e.g. when something is reachable again. */
  wake(): void {
    this.#pauses.abort();
    this.#pauses = pauses();
  }

  /**
   * Resolves when no task waits or runs.
   * @throws after `timeoutSeconds`, naming the pending tasks
   */
  async idle(timeoutSeconds: number): Promise<void> {
    const timer = new AbortController();
    const late = sleep(timeoutSeconds * 1000, "late", { signal: timer.signal });
    late.catch(() => undefined); // aborted below
    const isLate = (await Promise.race([this.#allIdle(), late])) === "late";
    timer.abort();
    if (!isLate) return;
    const titles = [...this.#tasks].map(({ title }) => title);
    const shown = [...titles.slice(0, 5), ...(titles.length > 5 ? ["…"] : [])].join("; ");
    throw new Error(`still ${titles.length} pending after ${timeoutSeconds} s: ${shown}`);
  }

  /** Drops the tasks that wait; those that run are not retried. */
  close(): void {
    this.#closed = true;
    this.wake();
  }

  async #allIdle(): Promise<void> {
    while (this.#chains.size > 0) await Promise.all([...this.#chains.values()].map((chain) => chain.onIdle()));
  }

  async #complete(task: Task, addedAt: number): Promise<void> {
    let notBefore = 0;
    for (let attempts = 0; !this.#closed; attempts++) {
      await this.#until(task, () => Math.max(addedAt + this.#delaySeconds * 1000, notBefore));
      if (this.#closed) return;
      // While it waited for a slot, what it needs may have gone out of reach.
      const outcome = await this.#slots.add(async () => (task.ready() ? task.run() : "again"));
      if (outcome === "done") return;
      notBefore = Date.now() + Math.min(firstBackoffMilliseconds * 2 ** attempts, longestBackoffMilliseconds);
    }
  }

  async #until(task: Task, due: () => number): Promise<void> {
    while (!this.#closed) {
      const milliseconds = due() - Date.now();
      if (milliseconds <= 0 && task.ready()) return;
      const pause = milliseconds > 0 ? Math.min(milliseconds, 60_000) : readyPollMilliseconds;
      await sleep(pause, undefined, { signal: this.#pauses.signal }).catch(() => undefined);
    }
  }
}

/** Every waiting task listens to it. */
function pauses(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
