/**
 * Runs tasks after a settable delay, a few at a time, those of one chain in order. A task that cannot run now, because
 * what it needs is away, waits; one that fails in passing is tried again.
 */

export interface Task {
  /** Tasks of one chain run one after the other. */
  chain: string;
  /** Names the task in messages. */
  title: string;
  /** False while what the task needs is out of reach. */
  ready(): boolean;
  /** Resolves when there is nothing left to do; "again" asks for another try later. */
  run(): Promise<"done" | "again">;
}

interface Waiting extends Task {
  addedAt: number;
  /** Not tried again before this moment. */
  notBefore: number;
  tries: number;
  running: boolean;
}

const concurrency = 4;
const firstPauseMilliseconds = 100;
const longestPauseMilliseconds = 2_000;
const recheckMilliseconds = 100;

export class TaskQueue {
  readonly #waiting = new Set<Waiting>();
  readonly #idle = new Set<() => void>();
  #delaySeconds = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  get delaySeconds(): number {
    return this.#delaySeconds;
  }

  set delaySeconds(seconds: number) {
    if (!(seconds >= 0)) throw new RangeError(`delaySeconds is ${seconds}; it must be 0 or more`);
    this.#delaySeconds = seconds;
    this.wake();
  }

  get size(): number {
    return this.#waiting.size;
  }

  titles(): string[] {
    return [...this.#waiting].map(({ title }) => title);
  }

  add(task: Task): void {
    const { chain, title } = task;
    this.#waiting.add({
      chain,
      title,
      ready: () => task.ready(),
      run: () => task.run(),
      addedAt: Date.now(),
      notBefore: 0,
      tries: 0,
      running: false,
    });
    this.wake();
  }

  /** Looks again at what may run; call it when something came back. */
  wake(): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    const now = Date.now();
    const busy = new Set<string>();
    let running = [...this.#waiting].filter((task) => task.running).length;
    let next = Infinity;
    for (const task of this.#waiting) {
      const due = Math.max(task.addedAt + this.#delaySeconds * 1000, task.notBefore);
      const free = !busy.has(task.chain) && running < concurrency;
      busy.add(task.chain);
      if (task.running || !free) continue;
      if (due > now) next = Math.min(next, due - now);
      else if (!task.ready()) next = Math.min(next, recheckMilliseconds);
      else {
        running += 1;
        void this.#run(task);
      }
    }
    if (next < Infinity) this.#timer = setTimeout(() => this.wake(), Math.min(next, 60_000));
    if (this.#waiting.size === 0) this.#idle.forEach((resolve) => resolve());
  }

  /** Settles when nothing waits or runs. */
  async idle(timeoutSeconds: number): Promise<void> {
    if (this.#waiting.size === 0) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const late = setTimeout(() => {
      const titles = this.titles();
      const shown = [...titles.slice(0, 5), ...(titles.length > 5 ? ["…"] : [])].join("; ");
      reject(new Error(`still ${titles.length} pending after ${timeoutSeconds} s: ${shown}`));
    }, timeoutSeconds * 1000);
    this.#idle.add(resolve);
    try {
      await promise;
    } finally {
      clearTimeout(late);
      this.#idle.delete(resolve);
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#waiting.clear();
    this.#idle.forEach((resolve) => resolve());
  }

  async #run(task: Waiting): Promise<void> {
    task.running = true;
    const outcome = await task.run();
    task.running = false;
    if (outcome === "done") this.#waiting.delete(task);
    else task.notBefore = Date.now() + Math.min(firstPauseMilliseconds * 2 ** task.tries++, longestPauseMilliseconds);
    this.wake();
  }
}
